import math
import statistics
from types import SimpleNamespace

import pytest
import torch

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.sets.mnist import MNIST
from aeaug.data.subset import draw_subset
from aeaug.evaluation import load_feature_nets
from aeaug.evaluation.assess import curves
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import (
    DRAWS,
    _leaves_other_classes,
    _of_the_pools_classes,
    floors,
    real_samples,
    validation_floor,
)
from aeaug.evaluation.kept import Kept
from aeaug.evaluation.pixel_gaussian import pixel_gaussian
from aeaug.perturbation.gaussian import Gaussian

STEPS = 2


def subset(n_train, name="mnist_5k", root="data", subset_seed=0):
    data = MNISTDataModule(name, root, n_train=n_train, subset_seed=subset_seed)
    data.setup()
    return data


def final(data, nets, n=1_000, seed=0, kept=None):
    splits = data.splits
    test, labels = to_float(splits.test_images[:n]), splits.test_labels[:n]
    return FinalEvaluator(test, labels, to_float(data.train_images), nets, seed, STEPS, kept)


@pytest.fixture(scope="module")
def nets():
    return load_feature_nets(MNIST)


@pytest.mark.parametrize("n_train", [100, 500, 2_500])
def test_another_real_sample_holds_no_training_image(n_train):
    data = subset(n_train)
    samples = real_samples(data, 1_000, 2)
    assert len(samples) == 2
    trained_on = {image.numpy().tobytes() for image in data.train_images}
    for indices in samples:
        assert len(indices.unique()) == 1_000
        assert not torch.isin(data.splits.unseen_pool_positions[indices], data.subset_positions).any()
        # Not by index alone: the pixels.
        assert not any(image.numpy().tobytes() in trained_on for image in data.splits.unseen_images[indices])


def test_no_net_has_seen_what_is_drawn(mnist_root):
    """Of MNIST, outside a subset of 25,000 or more, only the 5,000 fresh ones: too few for its 10,000 test images."""
    assert real_samples(subset(None, "mnist", mnist_root), 10_000) is None
    assert real_samples(subset(25_000, "mnist", mnist_root), 10_000) is None
    samples = real_samples(subset(500, "mnist", mnist_root), 10_000, 2)
    assert all(int(sample.max()) < 30_000 for sample in samples)
    assert len(real_samples(subset(25_000, "mnist", mnist_root), 5_000)) == DRAWS


def test_draws_are_independent():
    first, *others = real_samples(subset(500), 1_000, draws=20)
    assert len(others) == 19
    shared = [int(torch.isin(first, other).sum()) for other in others]
    # Hypergeometric: 1,000 out of 3,000 hit 333 of another 1,000, standard deviation 12.2.
    assert abs(statistics.fmean(shared) - 1_000 / 3) < 4 * 12.2 / math.sqrt(19)


def test_another_real_sample_has_random_classes_as_a_perfect_generator_would():
    data = subset(500)
    counts = data.splits.pool_labels[real_samples(data, 1_000)[0]].bincount()
    assert counts.sum() == 1_000
    chi_squared = float(((counts - 100.0) ** 2 / 100).sum())  # 9 degrees of freedom, a third of 3,000 drawn
    assert 0 < chi_squared < 25


def zeros_and_others(n_train, balanced=True):
    """A subset, ``balanced`` or random, of two classes, of which one is a tenth of the pool."""
    data = MNISTDataModule("mnist_5k", n_train=n_train, balanced=balanced)
    data.setup()
    splits = data.splits._replace(pool_labels=(data.splits.pool_labels > 0).long())
    data._take(splits, draw_subset(splits.pool_labels, n_train, 0, unseen=splits.pool_unseen, balanced=balanced))
    return data


def test_another_real_sample_has_the_pools_classes_where_a_balanced_subset_took_the_scarce_ones():
    data = zeros_and_others(300)
    labels = data.splits.pool_labels
    assert labels[data.subset_positions].sum() == 150
    samples = real_samples(data, 1_000)
    zeros = [int((labels[one] == 0).sum()) for one in samples]
    share = float((labels[: data.splits.pool_unseen] == 0).float().mean())
    assert abs(statistics.fmean(zeros) / 1_000 - share) < 4 * math.sqrt(share * (1 - share) / 20_000)
    assert statistics.stdev(zeros) == pytest.approx(math.sqrt(1_000 * share * (1 - share)), rel=0.6)
    for sample in samples:
        assert len(sample.unique()) == 1_000
        assert torch.isin(sample, data.fresh_positions).all()
    assert not samples[0].sort().values.equal(samples[1].sort().values)


def test_where_too_few_of_a_scarce_class_are_left_there_is_no_floor():
    data = zeros_and_others(640)
    assert len(data.fresh_positions) > 1_000
    assert real_samples(data, 1_000) is None
    plain = subset(640)
    assert len(real_samples(plain, 1_000)) == DRAWS


def test_where_as_many_of_a_class_are_left_as_a_draw_has_they_are_enough():
    labels = torch.zeros(4, dtype=torch.long)
    splits = SimpleNamespace(pool_labels=labels, pool_unseen=4, unseen_pool_positions=torch.arange(4))
    (sample,) = _of_the_pools_classes(SimpleNamespace(splits=splits), torch.arange(4), 4, [torch.Generator()])
    assert sample.sort().values.tolist() == [0, 1, 2, 3]


def test_a_balanced_subset_of_uneven_classes_leaves_others_and_one_drawn_at_random_does_not():
    assert _leaves_other_classes(zeros_and_others(300))
    assert not _leaves_other_classes(zeros_and_others(300, balanced=False))
    assert not _leaves_other_classes(subset(300))


def test_arms_and_seeds_of_a_subset_share_the_draws_and_another_subset_has_others():
    first, again, other = (real_samples(subset(100, subset_seed=seed), 1_000) for seed in (0, 0, 1))
    assert all(a.equal(b) for a, b in zip(first, again, strict=True))
    assert not first[0].equal(other[0])


def test_mean_and_deviation_are_those_of_the_draws_measured_one_by_one(nets):
    data = subset(100)
    evaluator = final(data, nets, 300)
    found = floors(data, evaluator, nets, 0, Kept(), draws=3)["real"]
    draws = [evaluator.evaluate(to_float(data.splits.unseen_images[one])) for one in real_samples(data, 300, 3)]
    assert found["draws"] == 3
    for space, keys in {"classifier": ("frechet_distance", "recall", "accuracy_score"), "self_supervised": ()}.items():
        for key in (*keys, "kernel_distance"):
            values = [draw[space][key] for draw in draws]
            # Features of images that are measured in other company may differ in the last bits of single precision.
            assert found["spaces"][space][key] == pytest.approx(statistics.fmean(values), rel=1e-5, abs=1e-6)
            assert found["sd"][space][key] == pytest.approx(statistics.stdev(values), rel=1e-3, abs=1e-6)
    assert found["sd"]["classifier"]["frechet_distance"] > 0
    assert found["spaces"].keys() == found["sd"].keys() == nets.keys()


def test_too_few_images_are_no_floor(nets, monkeypatch):
    data = subset(3_000)
    assert real_samples(data, 501) is None
    assert len(real_samples(data, 500)) == DRAWS
    evaluator = final(data, nets)
    monkeypatch.setattr(evaluator, "evaluate", lambda images: {"classifier": {"mean": float(images.mean())}})
    assert floors(data, evaluator, nets, 0, Kept())["real"] is None
    nearly_all = subset(3_001)
    assert validation_floor(nearly_all, curves(nearly_all, nets, Kept()), nets, Kept()) is None


def test_the_curves_floor_is_of_the_frechet_distance_alone(nets):
    data = subset(100)
    validation = curves(data, nets, Kept())
    found = validation_floor(data, validation, nets, Kept(), 4)
    values = [
        validation.evaluate(to_float(data.splits.unseen_images[one]))["frechet_distance"]
        for one in real_samples(data, 500, 4)
    ]
    assert found["spaces"] == {"classifier": {"frechet_distance": pytest.approx(statistics.fmean(values), rel=1e-5)}}
    assert found["sd"] == {"classifier": {"frechet_distance": pytest.approx(statistics.stdev(values), rel=1e-3)}}
    assert found["draws"] == len(values) == 4


def test_where_all_draws_are_of_the_same_images_there_is_no_deviation(nets):
    """500 are left, as many as are drawn: a mean, and nothing that could vary."""
    data = subset(3_000)
    found = validation_floor(data, curves(data, nets, Kept()), nets, Kept(), 3)
    assert found["spaces"]["classifier"]["frechet_distance"] > 0
    assert found["sd"] == {"classifier": {"frechet_distance": None}}


class Noting:
    """An evaluator that keeps what it is shown."""

    def __init__(self, n):
        self.n, self.shown, self.identity = n, [], {}

    def __len__(self):
        return self.n

    def evaluate(self, images):
        self.shown.append(images)
        return {"classifier": {"n": len(images)}}

    def measure(self, images, features):
        return self.evaluate(images)


def test_floors_are_what_their_names_say(nets):
    data, evaluator = subset(100), Noting(250)
    source = DecodedSource(
        AutoencoderModule("mlp", latent_dim=4), data.train_images, Gaussian(name="gaussian", gamma=1)
    )
    found = floors(data, evaluator, {}, 3, Kept(), source=source, draws=2)
    assert list(found) == ["real", "copy", "pixels", "decoded"]
    assert found["copy"] == {"spaces": {"classifier": {"n": 250}}}
    *real, copy, pixels, decoded = evaluator.shown
    expected = [to_float(data.splits.unseen_images[sample]) for sample in real_samples(data, 250, 2)]
    assert all(a.equal(b) for a, b in zip(real, expected, strict=True))
    assert copy[100:200].equal(to_float(data.train_images))
    assert copy[200:].equal(to_float(data.train_images[:50]))
    assert pixels.equal(pixel_gaussian(to_float(data.train_images), 250, 3))
    assert decoded.equal(source.sample(torch.arange(250) % 100, 3))


# --- kept


@pytest.fixture(scope="module")
def kept_floors(tmp_path_factory, nets):
    """The floors of a subset, and the store in which they are."""
    store, data = ArtifactStore(tmp_path_factory.mktemp("store")), subset(100)
    return store, floors(data, final(data, nets, kept=Kept(store)), nets, 0, Kept(store), draws=2)


def test_kept_floors_are_those_computed_directly_bit_for_bit(kept_floors, nets):
    store, first = kept_floors
    data = subset(100)
    direct = floors(data, final(data, nets), nets, 0, Kept(), draws=2)
    assert first == direct
    again = floors(data, final(data, nets, kept=Kept(store)), nets, 0, Kept(store), draws=2)
    assert again == direct


def test_a_second_run_of_a_subset_measures_no_floor(kept_floors, nets, monkeypatch):
    store, first = kept_floors
    data = subset(100)
    evaluator = final(data, nets, kept=Kept(store))
    for name in ("evaluate", "measure", "features"):
        monkeypatch.setattr(evaluator, name, lambda *_: pytest.fail("measured again"))
    assert floors(data, evaluator, nets, 0, Kept(store), draws=2) == first


@pytest.mark.parametrize(
    "other", [{"subset_seed": 1}, {"seed": 1}, {"n": 999}, {"draws": 3}, {"net": "0" * 64}], ids=str
)
def test_another_ingredient_is_another_floor(kept_floors, nets, monkeypatch, other):
    store, _ = kept_floors
    if "net" in other:
        nets = {space: (net, other["net"]) for space, (net, _) in nets.items()}
    data, seed = subset(100, subset_seed=other.get("subset_seed", 0)), other.get("seed", 0)
    evaluator = final(data, nets, other.get("n", 1_000), seed)
    monkeypatch.setattr(evaluator, "evaluate", lambda images: {"classifier": {"mean": float(images.mean())}})
    monkeypatch.setattr(evaluator, "measure", lambda images, features: evaluator.evaluate(images))
    found = floors(data, evaluator, nets, seed, Kept(store), draws=other.get("draws", 2))
    assert found["real"]["spaces"]["classifier"].keys() == {"mean"}
    if "draws" not in other:
        assert found["copy"]["spaces"]["classifier"].keys() == {"mean"}


def test_decoded_floors_are_kept_for_each_autoencoder_and_perturbation(tmp_path):
    data, kept = subset(100), Kept(ArtifactStore(tmp_path))
    autoencoder = AutoencoderModule("mlp", latent_dim=4)

    def decoded(gamma, key):
        source = DecodedSource(autoencoder, data.train_images, Gaussian(name="gaussian", gamma=gamma))
        evaluator = Noting(250)
        floors(data, evaluator, {}, 3, kept, source=source, autoencoder=key, draws=2)
        return len(evaluator.shown)

    assert decoded(1, "a" * 16) == 2 + 3
    assert decoded(1, "a" * 16) == 0
    assert decoded(2, "a" * 16) == decoded(1, "b" * 16) == 1
