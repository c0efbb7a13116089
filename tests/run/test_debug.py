"""``debug=true`` goes through every stage, leaves nothing where numbers are looked for, and is made anew every time."""

import json

import pytest
import torch
import yaml

from aeaug.faults import Fault
from aeaug.run.debug import EPOCHS, MEASURED, few, in_small
from aeaug.run.options import unused
from aeaug.run.options.consistency import _codes
from aeaug.run.parts import autoencoder_of, data_of, source_of
from aeaug.run.resumption import untrained
from tests.conftest import options
from tests.terminal import typed

GIVEN = ["data=mnist_5k", "trainer=cpu", "trainer.progress=false", "debug=true", "gan=mlp"]


def test_it_goes_through_every_stage_again_and_again(tmp_path):
    for arm in ("append_gaussian", "append_gaussian", "consistency_gaussian"):
        ended = typed("train", *GIVEN, f"arm={arm}", f"outputs={tmp_path}")
        assert ended.status == 0, ended.said
        assert "its numbers mean nothing" in ended.printed
    assert not (tmp_path / "runs").exists()
    assert {entry.name for entry in tmp_path.iterdir()} == {"debug"}
    folders = list((tmp_path / "debug" / "runs" / "adhoc").glob("*/seed=0"))
    assert len(folders) == 2
    for folder in folders:
        metrics, status = (json.loads((folder / f"{name}.json").read_text()) for name in ("metrics", "status"))
        assert status["state"] == "done"
        assert {"end", "best"} == metrics["readings"].keys()
        assert {"gan", "autoencoder", "evaluation", "shared"} <= status["seconds"].keys()
        assert len((folder / "history.jsonl").read_text().splitlines()) == EPOCHS
        assert (folder / "samples" / "comparison.png").exists()


@pytest.mark.long
def test_a_sweep_goes_through_its_arms(tmp_path):
    for _ in range(2):
        ended = typed("train", "-m", *GIVEN, "arm=none,append_reconstruct", f"outputs={tmp_path}")
        assert ended.status == 0, ended.said
        assert "2 done of 2" in ended.said
        assert "missing" in ended.printed, "they are made anew"


def test_what_is_asked_for_is_all_there_but_in_small(tmp_path):
    whole = options(
        tmp_path, "arm=append_gaussian", "data.n_train=3000", "budget.images=128000", "autoencoder.steps=900"
    )
    small = in_small(whole)
    same = ("augmentation", "perturbation", "gan", "trainer", "source", "filter", "seed", "variant", "name")
    assert all(getattr(small, key) == getattr(whole, key) for key in same)
    assert small.epochs == EPOCHS
    assert (small.data.n_train, small.autoencoder.steps, small.claims) == (200, 20, ())
    assert unused(small).keys() == unused(whole).keys()
    tiny = options(tmp_path, "data.n_train=50")
    assert in_small(tiny).data.n_train == 50


@pytest.mark.parametrize(
    "given",
    [
        ["arm=append_interpolate", "perturbation.neighbours=300"],
        ["arm=append_density", "perturbation.components=450"],
        ["arm=append_interpolate", "perturbation.within=class", "perturbation.neighbours=25"],
        [
            "arm=append_interpolate",
            "perturbation.neighbours=190",
            "schedule=r_v",
            "schedule.hold_out=0.2",
            "schedule.images=400",
        ],
    ],
    ids="-".join,
)
def test_there_are_as_many_images_as_the_perturbation_needs_and_no_more_than_asked_for(given, tmp_path):
    small = in_small(options(tmp_path, "data=mnist_5k", "data.n_train=500", *given))
    assert not list(_codes(small))
    assert small.data.n_train in (400, 500)
    assert list(_codes(small.model_copy(update={"data": small.data.model_copy(update={"n_train": 200})})))


def test_a_gate_lets_pass_what_20_steps_make_and_what_stops_early_is_looked_at(tmp_path):
    stopping = ["autoencoder.stopping=hold_out", "autoencoder.steps=500", "gate=error", "data.n_train=300"]
    for more in (stopping, ["gate=labels", "data.n_train=300"]):
        ended = typed("train", *GIVEN, "arm=append_gaussian", *more, f"outputs={tmp_path}")
        assert ended.status == 0, ended.said


@pytest.mark.parametrize("change", ["blur", "shift"])
def test_a_change_of_pixels_goes_through_whatever_20_steps_decode(change, tmp_path):
    """At a learning rate at which a training in full learns, these steps learn next to nothing."""
    whole = options(tmp_path, f"arm=append_{change}", "autoencoder.steps=5000", "autoencoder.lr=0.0001")
    small = in_small(whole)
    data = data_of(small)
    artifact = autoencoder_of(small, data, torch.device("cpu"))
    given = artifact, data, untrained(small)
    source = source_of(small, *given)
    assert source.strength == small.source.strongest
    asked = source(torch.arange(20), torch.Generator().manual_seed(0))
    assert asked.shape == (20, 1, 28, 28)
    assert asked.abs().max() <= 1
    with pytest.raises(Fault, match=rf"^source={change}: it changes images by \S+ at most, and decoding"):
        source_of(small.model_copy(update={"debug": False}), *given)


def test_less_is_measured_and_nothing_is_in_two_splits(tmp_path):
    data = data_of(in_small(options(tmp_path)))
    assert len(data.splits.val_images) == len(data.splits.test_images) == MEASURED
    whole = data_of(options(tmp_path)).splits
    assert few(whole).test_images.equal(whole.test_images[:MEASURED])
    assert few(whole).sha256 == whole.sha256


def test_a_run_in_full_is_never_discarded(tmp_path):
    from aeaug.run.folder.folder import RunFolder

    folder = RunFolder(options(tmp_path))
    folder.path.mkdir(parents=True)
    with pytest.raises(AssertionError):
        folder.discard()
    assert folder.path.exists()


def test_a_run_in_full_that_lies_where_small_ones_do_is_not_discarded_either(tmp_path):
    """`outputs=outputs/debug`, and later debug=true in `outputs`."""
    from aeaug.run.folder.folder import RunFolder

    full = RunFolder(options(tmp_path / "debug", "arm=none"))
    full.path.mkdir(parents=True)
    (full.path / "config.yaml").write_text(
        yaml.safe_dump(options(tmp_path / "debug", "arm=none").model_dump(mode="json"))
    )
    small = RunFolder(options(tmp_path, "arm=none", "debug=true"))
    assert small.path == full.path
    with pytest.raises(ValueError, match=r"a run lies there that is not in small, and debug=true deletes none$"):
        small.discard()
    config = options(tmp_path / "debug", "arm=none").model_dump(mode="json")
    del config["debug"]  # of a version that knew none
    (full.path / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(ValueError, match=r"debug=true deletes none$"):
        small.discard()
    assert (full.path / "config.yaml").exists()
    (full.path / "config.yaml").write_text(
        yaml.safe_dump(options(tmp_path, "arm=none", "debug=true").model_dump(mode="json"))
    )
    small.discard()
    assert not full.path.exists()
