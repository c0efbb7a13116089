import io
import json
import math
import re

import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation.metrics import METRICS
from aeaug.evaluation.overfitting import OverfittingProbe
from aeaug.gan import GANModule
from aeaug.run.monitor import ValidationMonitor, layout, names_of_test, scalars
from aeaug.training.checkpoint import EpochCheckpoint
from aeaug.training.divergence import Diverged
from aeaug.training.tensorboard import run_logger
from tests.gan.test_module import SMALL, equal, trainer, weights

FLOOR = 2.0


def monitored(folder, probe, epochs=3, every=2, distances=None):
    """Train with decoded images (a stand-in for them) and return (module, entries, TensorBoard's events); FD is 12.5,
    or what ``distances`` has for the reading."""
    entries, seen = [], []
    monitor = ValidationMonitor(
        lambda images: seen.append(images) or (12.5 if distances is None else distances[len(seen) - 1]),
        entries.append,
        n_samples=10,
        every=every,
        folder=folder / "samples",
        floor=FLOOR,
        best_file=folder / "best.ckpt",
    )
    monitor.probe = probe
    module = GANModule(**SMALL)
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200)
    data.inject(lambda indices, generator: torch.zeros(len(indices), 1, 28, 28), ratio=1.0)
    logger = run_logger(folder, None)
    trainer(max_epochs=epochs, callbacks=[monitor], logger=logger).fit(module, data)
    logger.finalize("success")
    assert [images.shape for images in seen] == [(10, 1, 28, 28)] * len(entries)
    return module, entries, EventAccumulator(str(folder), {"histograms": 0}).Reload()


@pytest.fixture(scope="module")
def probe(embedded):
    images = to_float(embedded.train_images)
    return OverfittingProbe(images, to_float(embedded.splits.val_images), images.flip(3))


@pytest.fixture(scope="module")
def probed(tmp_path_factory, probe):
    return monitored(tmp_path_factory.mktemp("probed"), probe)


def test_an_entry_says_what_was_measured_when_and_how_the_discriminator_overfits(probed, probe):
    module, entries, _ = probed
    assert [(entry["images"], entry["epoch"]) for entry in entries] == [(400, 2), (600, 3)], (
        "every second, and the last"
    )
    for entry in entries:
        assert entry["frechet_distance"] == 12.5
        assert set(entry) == {"frechet_distance", "images", "epoch", "loss_d", "loss_g", "penalties", "discriminator"}
        assert entry["penalties"].keys() == {"r1"}
    assert entries[-1]["discriminator"] == probe(module)
    assert entries[0]["discriminator"] != entries[1]["discriminator"]
    json.dumps(entries, allow_nan=False)


def test_without_a_probe_there_is_no_such_entry_and_training_is_the_same(tmp_path, probed):
    module, entries, events = monitored(tmp_path, None)
    assert "discriminator" not in entries[-1]
    assert not [tag for tag in events.Tags()["scalars"] if tag.startswith("overfitting/")]
    assert equal(weights(module), weights(probed[0]))
    assert [entry["loss_d"] for entry in entries] == [entry["loss_d"] for entry in probed[1]]


def test_a_probe_that_has_nothing_to_say_is_recorded_as_nothing(tmp_path):
    _, entries, events = monitored(tmp_path, lambda module: None, epochs=1)
    assert entries[0]["discriminator"] is None
    assert {event.value for event in events.Scalars("distance/frechet_distance")} == {12.5}


def test_tensorboard_shows_the_entry_over_images(probed):
    _, entries, events = probed
    for tag, value in {
        "distance/frechet_distance": lambda entry: 12.5,
        "overfitting/logit_validation": lambda entry: entry["discriminator"]["logit_validation"],
        "overfitting/called_real_decoded": lambda entry: entry["discriminator"]["real_decoded"],
        "overfitting/r_t": lambda entry: entry["discriminator"]["r_t"],
        "penalty/r1": lambda entry: entry["penalties"]["r1"],
    }.items():
        found = [(event.step, event.value) for event in events.Scalars(tag)]
        assert found == [(entry["images"], pytest.approx(value(entry), rel=1e-6)) for entry in entries], tag
    assert [event.step for event in events.Images("samples/from fixed latents")] == [400, 600]
    assert {path.split("/")[0] for path in events.Tags()["scalars"]} == {
        "distance",
        "overfitting",
        "training",
        "penalty",
        "floor",
    }


def test_every_chart_of_the_layout_has_its_curves_and_every_curve_a_chart(probed):
    tags = set(probed[2].Tags()["scalars"])
    charts = {title: patterns for charts in layout().values() for title, (_, patterns) in charts.items()}
    shown = {
        title: {tag for p in patterns for tag in tags if re.fullmatch(p, tag)} for title, patterns in charts.items()
    }
    assert all(shown.values()), shown
    assert tags == set.union(*shown.values())
    # Beside a metric stands its floor, and no other's.
    assert shown["FD, and that of another real sample"] == {"distance/frechet_distance", "floor/frechet_distance"}


def test_the_floor_stands_beside_every_point(probed):
    _, entries, events = probed
    found = [(event.step, event.value) for event in events.Scalars("floor/frechet_distance")]
    assert found == [(entry["images"], FLOOR) for entry in entries]


def test_scalars_are_numbers_by_meaning_and_nothing_else():
    measured = {"n": 10, "frechet_distance": 12.5, "class_histogram": [0.1] * 10}
    assert scalars(measured | {"recall": 0.5, "r_v": None, "r_t": 0.5, "real_decoded": 0.25, "new_metric": 3}) == {
        "distance/frechet_distance": 12.5,
        "diversity/recall": 0.5,
        "overfitting/r_t": 0.5,
        "overfitting/called_real_decoded": 0.25,
        "other/new_metric": 3.0,
    }


def test_the_table_of_runs_names_every_metric_of_images_those_of_the_curves_first():
    names = names_of_test()
    assert set(names) == set(METRICS)
    assert next(iter(names.values())) == "FD"
    assert {"precision", "recall", "density", "coverage"} == set(list(names)[1:5])


@pytest.mark.parametrize("what", ["discriminator's loss", "images that the generator made"])
def test_what_has_diverged_is_not_measured_and_not_kept(tmp_path, what, monkeypatch):
    def never(*_):
        raise AssertionError

    if "loss" in what:
        module = GANModule(**(SMALL | {"log_every": 1_000, "lr_discriminator": 1e6}))
    else:
        module = GANModule(**SMALL)
        make = module.ema.forward
        monkeypatch.setattr(module.ema, "forward", lambda z: make(z) * math.nan)
    monitor = ValidationMonitor(never, never, n_samples=10, every=1, folder=tmp_path)
    keep = EpochCheckpoint(tmp_path / "last.ckpt", never)
    data = MNISTDataModule("mnist_5k", n_train=100, batch_size=20, images_per_epoch=200)
    with pytest.raises(Diverged, match=rf"{what}.* after 200 images|after 200 images.*{what}"):
        trainer(callbacks=[monitor, keep]).fit(module, data)
    assert not (tmp_path / "last.ckpt").exists()


@pytest.mark.parametrize(
    ("distances", "best"), [([5, 4, 3, 2, 1], 5), ([1, 2, 3, 4, 5], 1), ([3, 2, 9, 2, 2], 2), ([7, 7, 7, 7, 7], 1)]
)
def test_the_average_of_the_smallest_distance_is_kept_and_of_equal_ones_the_first(tmp_path, distances, best):
    """Reference: the average of a training that ends there."""
    file = tmp_path / "best.ckpt"
    module, _, _ = monitored(tmp_path, None, epochs=5, every=1, distances=distances)
    ended, _, _ = monitored(tmp_path / "ended", None, epochs=best, every=1)
    kept = GANModule.load_from_checkpoint(file, weights_only=True)
    assert kept.images_seen == 200 * best
    assert equal(list(kept.ema.parameters()), list(ended.ema.parameters()))
    assert equal(list(kept.generator.parameters()), list(ended.ema.parameters()))  # nothing else is known of it
    assert equal(list(module.ema.parameters()), list(kept.ema.parameters())) == (best == 5)
    assert file.stat().st_size < 0.5 * len(_bytes(module))
    assert kept.sample(3, 0, "x").equal(ended.sample(3, 0, "x"))


def _bytes(module):
    written = io.BytesIO()
    torch.save(module.state_dict(), written)
    return written.getvalue()


def test_pictures_are_of_the_first_reading_of_powers_of_four_and_of_the_last(tmp_path):
    _, entries, events = monitored(tmp_path, None, epochs=18, every=1)
    assert len(entries) == 18
    shown = events.Images("samples/from fixed latents")
    assert [event.step for event in shown] == [200, 800, 3_200, 3_600]
    (file,) = (tmp_path / "samples").iterdir()
    assert file.name == "images=000003600.png"
    assert file.read_bytes() == shown[-1].encoded_image_string
    assert Image.open(file).mode == "L"
