"""Lightning's own flags: each is passed on, left to debug=true, or decided by an option of ours, which is named."""

import inspect

import lightning as L
import pytest

from aeaug.run.options import parse_options
from aeaug.training.flags import DECIDED, PASSED, SHORTENING
from aeaug.training.options import TrainerOptions
from aeaug.training.trainer import profiler_into
from tests.conftest import options

OURS = {"accelerator", "devices", "strategy", "precision"}


def test_every_flag_of_lightnings_has_its_place():
    flags = set(inspect.signature(L.Trainer.__init__).parameters) - {"self"}
    assert {*PASSED, *SHORTENING, *DECIDED, *OURS} == flags
    assert len(PASSED) + len(SHORTENING) + len(DECIDED) + len(OURS) == len(flags), "one place"
    assert {*PASSED, *SHORTENING, *OURS} <= TrainerOptions.model_fields.keys()


def test_a_flag_that_is_not_given_is_left_to_lightning(tmp_path):
    given = options(tmp_path, "++trainer.detect_anomaly=true", "++trainer.benchmark=false")
    assert given.trainer.flags() == {"detect_anomaly": True, "benchmark": False}
    assert options(tmp_path).trainer.flags() == {}
    assert options(tmp_path).model_dump()["trainer"].keys() == options(tmp_path).trainer.model_dump().keys()
    assert not {*PASSED, *SHORTENING} & options(tmp_path).model_dump()["trainer"].keys()
    assert parse_options(given.model_dump()).trainer == given.trainer


@pytest.mark.parametrize("flag", SHORTENING)
def test_what_cuts_a_training_short_is_for_debugging(flag, tmp_path):
    value = "00:00:01:00" if flag == "max_time" else "1"
    with pytest.raises(ValueError, match=rf"^trainer\.{flag}={value}: it cuts a training short"):
        options(tmp_path, f"++trainer.{flag}={value}")
    assert options(tmp_path, f"++trainer.{flag}={value}", "debug=true").trainer.flags().keys() == {flag}


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "false"])
@pytest.mark.parametrize("flag", ["limit_train_batches", "max_steps"])
def test_a_number_of_batches_is_one(flag, value, tmp_path):
    with pytest.raises(ValueError, match=rf"^trainer\.{flag}={value}: input should be") as caught:
        options(tmp_path, f"++trainer.{flag}={value}", "debug=true")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["simple", "advanced"])  # pytorch has something to say of a whole training
def test_a_profile_is_written_into_the_runs_folder(name, tmp_path):
    profiler = profiler_into(tmp_path, name)
    profiler.setup("fit", tmp_path)
    with profiler.profile("something"):
        sum(range(10))
    profiler.describe()
    profiler.teardown("fit")
    assert [file for file in tmp_path.iterdir() if file.name.startswith("fit-profile")]
