"""All that is measured of a trained GAN: readings, floors, autoencoder, leak; and what of it is kept."""

import json

import pytest
import torch

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation import autoencoder_quality as quality
from aeaug.evaluation import floors as floors_module
from aeaug.evaluation import kept as kept_module
from aeaug.evaluation import leak as leak_module
from aeaug.evaluation import load_feature_nets
from aeaug.evaluation.assess import assess, curves
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.kept import Kept
from aeaug.gan import GANModule
from aeaug.perturbation.gaussian import Gaussian


class Artifact:
    """A stored autoencoder, as far as evaluation needs it."""

    def __init__(self):
        self.module = AutoencoderModule("mlp", latent_dim=4).eval().requires_grad_(False)
        self.key, self.summary = "a" * 16, {"key": "a" * 16, "val_mse": 0.5}


@pytest.fixture(scope="module")
def nets():
    return load_feature_nets(MNIST)


@pytest.fixture(scope="module")
def data():
    data = MNISTDataModule("mnist_5k", n_train=100)
    data.setup()
    return data


def gan(seed, images_seen=400):
    module = GANModule(generator_width=8, discriminator_width=8, seed=seed)
    module.images_seen = images_seen
    return module


def measured(data, nets, generators, artifact=None, store=None, **options):
    source = artifact and DecodedSource(artifact.module, data.train_images, Gaussian(name="gaussian", gamma=0.5))
    return assess(
        generators,
        data,
        nets,
        curves(data, nets, Kept(store)),
        3,
        source=source,
        artifact=artifact,
        classifier_steps=2,
        draws=2,
        store=store,
        **options,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return ArtifactStore(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def artifact():
    return Artifact()


@pytest.fixture(scope="module")
def found(data, nets, artifact, store):
    return measured(data, nets, {"end": gan(0), "best": gan(1, 200)}, artifact, store, best_of=5)


def test_readings_are_of_their_generators_with_the_same_latents(data, nets, found):
    end, best = found["readings"]["end"], found["readings"]["best"]
    assert list(end) == ["images", "spaces"]
    assert (end["images"], best["images"], best["of"]) == (400, 200, 5)
    splits = data.splits
    evaluator = FinalEvaluator(
        to_float(splits.test_images), splits.test_labels, to_float(data.train_images), nets, 3, 2
    )
    for seed, reading in ((0, end), (1, best)):
        assert reading["spaces"] == evaluator.evaluate(gan(seed).sample(1_000, 3, "evaluation latents"))
    assert end["spaces"] != best["spaces"]


def test_what_is_measured_has_the_form_that_metrics_json_has(found):
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {"readings", "floors", "validation_floor", "autoencoder", "leak"}
    floors = found["floors"]
    assert set(floors) == {"real", "copy", "pixels", "decoded"}
    assert set(floors["real"]) == {"draws", "spaces", "sd"}
    assert all(set(floors[name]) == {"spaces"} for name in ("copy", "pixels", "decoded"))
    assert all(set(floor["spaces"]) == {"classifier", "self_supervised"} for floor in floors.values())
    distance = found["validation_floor"]["spaces"]["classifier"]["frechet_distance"]
    assert found["autoencoder"]["quality"]["real_frechet"] == distance
    assert found["autoencoder"]["val_mse"] == 0.5


def test_equal_weights_are_measured_once(data, nets, store, monkeypatch):
    calls = []
    measure = FinalEvaluator.measure
    monkeypatch.setattr(FinalEvaluator, "measure", lambda self, *given: calls.append(1) or measure(self, *given))
    result = measured(data, nets, {"end": gan(2), "best": gan(2)}, store=store)
    assert result["readings"]["end"]["spaces"] == result["readings"]["best"]["spaces"]
    assert len(calls) == 1
    assert result["leak"] is None
    assert "decoded" not in result["floors"]


def test_the_leak_is_that_of_the_end_whatever_the_order(data, nets, artifact, store, found):
    again = measured(data, nets, {"best": gan(1, 200), "end": gan(0)}, artifact, store)
    assert again["leak"] == found["leak"]
    other = measured(data, nets, {"end": gan(1)}, artifact, store)
    assert other["leak"] != found["leak"]


def test_a_second_arm_of_a_subset_measures_its_own_images_alone(data, nets, artifact, store, found, monkeypatch):
    """And gets the same floors, of the same autoencoder the same quality; all of it as computed directly."""
    files = {path for path in store.root.rglob("*") if path.is_file()}
    for module, name in (
        (kept_module, "extract"),
        (floors_module, "pixel_gaussian"),
        (leak_module, "train_classifier"),
        (quality, "linear_probe"),
    ):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("computed again"))
    second = measured(data, nets, {"end": gan(7)}, artifact, store)
    assert {path for path in store.root.rglob("*") if path.is_file()} == files
    monkeypatch.undo()
    direct = measured(data, nets, {"end": gan(7)}, artifact)
    assert second == direct
    for part in ("floors", "validation_floor", "autoencoder"):
        assert second[part] == found[part]


def test_artifacts_of_a_subset_are_small(data, nets, artifact, store, found):
    before = {path: path.stat().st_size for path in store.root.rglob("*") if path.is_file()}
    other = MNISTDataModule("mnist_5k", n_train=100, subset_seed=1)
    other.setup()
    measured(other, nets, {"end": gan(0)}, artifact, store)
    added = sum(path.stat().st_size for path in store.root.rglob("*") if path.is_file() and path not in before)
    assert 0 < added < 400_000


def test_measuring_leaves_the_global_stream_alone(data, nets, store):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    measured(data, nets, {"end": gan(0)}, store=store)
    assert torch.get_rng_state().equal(before)
