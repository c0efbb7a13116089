"""A finished run that goes on to a larger budget: the bits of one that was asked for it at first."""

import json
import shutil

import pytest
import torch
import yaml

from aeaug.gan import GANModule
from aeaug.run.files import read_status
from aeaug.run.folder.folder import RunFolder
from aeaug.run.pipeline import Run
from tests.conftest import REPOSITORY, options
from tests.processes import ended
from tests.test_faults import KILLED_AT_EVERY_WRITE
from tests.training.test_tensorboard import metrics, table

TESTED = ["arm=append_gaussian", "variant=it"]
ARM = [*TESTED, "evaluation.test=false"]  # which takes a fraction of the time
SHORT, LONG = "budget.images=400", "budget.images=600"


def run(outputs, *overrides, arm=ARM):
    experiment = Run(options(outputs, *arm, *overrides))
    return experiment, experiment.run()


def read(folder, name):
    return json.loads((folder.path / name).read_text())


def content(folder):
    return {path.name: path.read_bytes() for path in folder.path.rglob("*") if path.is_file() and path.name != ".lock"}


@pytest.fixture(scope="module")
def at_first(measured_before, tmp_path_factory):
    """The folder of a run that was asked for the larger budget at first."""
    outputs = tmp_path_factory.mktemp("long")
    shutil.copytree(measured_before, outputs / "artifacts")
    return run(outputs, LONG)[0].folder


@pytest.fixture(scope="module")
def short(measured_before, tmp_path_factory):
    """The outputs of a finished run of the smaller budget."""
    outputs = tmp_path_factory.mktemp("short")
    shutil.copytree(measured_before, outputs / "artifacts")
    run(outputs, SHORT)
    return outputs


@pytest.fixture
def outputs(short, tmp_path):
    return shutil.copytree(short, tmp_path / "outputs")


def assert_as_asked_for_at_first(folder, at_first):
    for name in ("metrics.json", "history.jsonl", "checkpoints/best.ckpt"):
        assert (folder.path / name).read_bytes() == (at_first.path / name).read_bytes(), name
    mine, other = (torch.load(one.checkpoint, weights_only=True) for one in (folder, at_first))
    assert mine["progress"] == other["progress"]
    assert mine["callbacks"] == other["callbacks"]
    assert mine["state_dict"].keys() == other["state_dict"].keys()
    assert all(mine["state_dict"][key].equal(weights) for key, weights in other["state_dict"].items())
    for ours, theirs in zip(mine["optimizer_states"], other["optimizer_states"], strict=True):
        for moments, expected in zip(ours["state"].values(), theirs["state"].values(), strict=True):
            assert all(moments[key].equal(expected[key]) for key in expected)
    ours, theirs = (yaml.safe_load((one.path / "config.yaml").read_text()) for one in (folder, at_first))
    assert ours == theirs | {key: ours[key] for key in ("outputs", "resume")}
    assert sorted(path.name for path in folder.checkpoint.parent.iterdir()) == ["best.ckpt", "last.ckpt"]


@pytest.mark.usefixtures("stocked")
def test_everything_that_is_measured_is_that_of_a_run_asked_for_it_at_first(tmp_path):
    """On the test split too, at both readings; and the table of runs has one line, of the larger budget."""
    shutil.copytree(tmp_path / "artifacts", tmp_path / "long" / "artifacts")
    at_first, _ = run(tmp_path / "long", LONG, arm=TESTED)
    run(tmp_path, SHORT, arm=TESTED)
    extended, _ = run(tmp_path, SHORT, "budget.extend=600", arm=TESTED)
    assert_as_asked_for_at_first(extended.folder, at_first.folder)
    assert read(extended.folder, "metrics.json")["readings"]["best"]["of"] == 3
    assert read(extended.folder, "metrics.400.json")["readings"]["best"]["of"] == 2
    _, _, lines = table(extended.folder.path)
    (line,) = lines.values()
    assert line.hparams["budget.images"].number_value == 600
    tested = read(extended.folder, "metrics.json")["readings"]["end"]["spaces"]["classifier"]["frechet_distance"]
    assert metrics(line)["test/frechet_distance"] == pytest.approx(tested, rel=1e-6)
    assert "extended at 400" in extended.summary()


def test_an_extended_run_is_the_one_asked_for_at_first_and_says_when_it_was_read_before(outputs, at_first, caplog):
    earlier = (outputs / at_first.path.relative_to(at_first.path.parents[3]) / "metrics.json").read_bytes()
    extended, value = run(outputs, SHORT, "budget.extend=600")
    folder = extended.folder
    assert_as_asked_for_at_first(folder, at_first)
    assert value == at_first.read_history()[-1]["frechet_distance"]
    assert (folder.path / "metrics.400.json").read_bytes() == earlier
    status = read_status(folder.path)
    assert (status["state"], status["images"], status["budget"]) == ("done", 600, 600)
    (taken_down,) = status["extended"]
    assert taken_down["images"] == 400
    assert status["started"] <= taken_down["at"] <= status["finished"]
    assert read_status(at_first.path)["extended"] == []

    # Whoever asks for either budget finds the longer run.
    before = content(folder)
    caplog.set_level("INFO")
    for again in ([SHORT], [SHORT, "resume=true"], [LONG], [SHORT, "budget.extend=600"]):
        caplog.clear()
        assert run(outputs, *again)[1] == value
        (line,) = [record.message for record in caplog.records if "left as it is" in record.message]
        assert line.startswith(
            "left as it is, for it goes to 600 images by now"
            if again[-1] in (SHORT, "resume=true")
            else "left as it is, for it was finished before"
        )
    assert content(folder) == before

    with pytest.raises(ValueError, match=r"^budget\.extend=400: the run that is there goes to 600 images already, in "):
        Run(options(outputs, *ARM, SHORT, "budget.extend=400"))
    with pytest.raises(ValueError, match=r"another config \(budget\.images: 600 there, 800 here\)"):
        Run(options(outputs, *ARM, "budget.images=800"))
    with pytest.raises(ValueError, match=r"another config \(gan\.r1_gamma: 1\.0 there, 2\.0 here\)"):
        Run(options(outputs, *ARM, SHORT, "budget.extend=2000", "gan.r1_gamma=2"))


@pytest.mark.usefixtures("stocked")
def test_a_run_that_does_not_exist_goes_to_the_larger_budget_at_once(tmp_path, at_first, caplog):
    first, _ = run(tmp_path, SHORT, "budget.extend=600")
    assert_as_asked_for_at_first(first.folder, at_first)
    assert read_status(first.folder.path)["extended"] == []  # it was read once
    assert not list(first.folder.path.glob("metrics.*.json"))
    caplog.set_level("INFO")
    run(tmp_path, SHORT)
    assert "it goes to 600 images by now" in caplog.text


@pytest.mark.usefixtures("stocked")
def test_a_run_that_was_interrupted_before_its_end_may_go_further_and_was_read_once(tmp_path, at_first, monkeypatch):
    halted = Run(options(tmp_path, *ARM, SHORT))
    healthy = GANModule.mean_losses
    monkeypatch.setattr(GANModule, "mean_losses", lambda self: healthy(self) if self.images_seen < 400 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        halted.run()
    monkeypatch.undo()
    with pytest.raises(ValueError, match="holds an unfinished run"):
        Run(options(tmp_path, *ARM, SHORT, "budget.extend=600", "resume=false"))
    resumed, _ = run(tmp_path, SHORT, "budget.extend=600")
    assert_as_asked_for_at_first(resumed.folder, at_first)
    assert read_status(resumed.folder.path)["extended"] == []


@pytest.mark.long
def test_an_extension_killed_at_every_write_and_resumed_each_time(outputs, at_first):
    program = KILLED_AT_EVERY_WRITE.format(repository=str(REPOSITORY))
    finished = ended("-c", program, str(outputs), "renamed", *ARM, SHORT, "budget.extend=600", timeout=400)
    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout.splitlines()[-1]) > 10, "it was hardly killed"
    folder = RunFolder(options(outputs, *ARM, LONG))
    assert_as_asked_for_at_first(folder, at_first)
    assert [one["images"] for one in read_status(folder.path)["extended"]] == [400]  # once
    assert read(folder, "metrics.400.json")["budget"]["images"] == 400


def test_an_extension_that_was_interrupted_goes_on_without_being_asked_for_again(outputs, at_first, monkeypatch):
    """The folder knows where it goes, also where its status is lost."""
    halted = Run(options(outputs, *ARM, SHORT, "budget.extend=600"))
    healthy = GANModule.mean_losses
    monkeypatch.setattr(GANModule, "mean_losses", lambda self: healthy(self) if self.images_seen < 600 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        halted.run()
    monkeypatch.undo()
    (halted.folder.path / "status.json").unlink()
    resumed, _ = run(outputs, SHORT)
    assert_as_asked_for_at_first(resumed.folder, at_first)
    assert read_status(resumed.folder.path)["extended"] == [{"images": 400, "at": None}]


@pytest.mark.usefixtures("stocked")
def test_a_run_that_diverged_stays_so(tmp_path):
    chosen = options(tmp_path, *ARM, SHORT)
    rates = chosen.gan.model_copy(update={"lr_generator": 1e30, "lr_discriminator": 1e30})
    for extend in (None, 600):
        budget = chosen.budget.model_copy(update={"extend": extend})
        experiment = Run(chosen.model_copy(update={"gan": rates, "budget": budget}))
        experiment.run()
        status = read_status(experiment.folder.path)
        assert (status["state"], status["budget"], status["extended"]) == ("diverged", 400, [])


@pytest.mark.usefixtures("stocked")
def test_a_last_reading_that_a_longer_run_would_not_have_is_no_place_to_go_on_from(tmp_path):
    """Its validation curve, and perhaps its best reading, would be another."""
    run(tmp_path, SHORT, "evaluation.every=2")
    Run(options(tmp_path, *ARM, SHORT, "evaluation.every=2", "budget.extend=800"))
    run(tmp_path / "other", "budget.images=600", "evaluation.every=2")
    with pytest.raises(ValueError, match=r"^budget\.extend=800: .* after epoch 3, .*evaluation\.every=2.*, in "):
        Run(options(tmp_path / "other", *ARM, "budget.images=600", "evaluation.every=2", "budget.extend=800"))
    assert not list(tmp_path.rglob("metrics.*.json"))


def test_the_best_generator_of_a_finished_run_that_is_lost_is_said_and_the_way_out_works(outputs, at_first):
    folder = RunFolder(options(outputs, *ARM, SHORT))
    folder.best.write_bytes(folder.best.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"best\.ckpt.*: delete the folder .*checkpoints and repeat the command"):
        run(outputs, SHORT, "budget.extend=600")
    shutil.rmtree(folder.checkpoint.parent)
    again, _ = run(outputs, SHORT)
    assert_as_asked_for_at_first(again.folder, at_first)
    assert [one["images"] for one in read_status(again.folder.path)["extended"]] == [400]
