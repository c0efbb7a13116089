"""The Fréchet gap of copies, of fresh samples, and of references exchanged."""

import pytest
import torch
from torch import Tensor

from aeaug.evaluation.metric import Reference, Sample
from aeaug.evaluation.metrics.frechet import frechet_distance
from aeaug.evaluation.metrics.frechet_gap import MEASUREMENT, FrechetGap


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_is_the_difference_of_two_distances_at_equal_counts():
    train, test, generated = normal(60, 5, 0), normal(60, 5, 1), 0.8 * normal(90, 5, 2) + 0.1
    first = generated[:60]
    expected = frechet_distance(first, train) - frechet_distance(first, test)
    assert FrechetGap(train, test)(generated) == pytest.approx(expected, rel=1e-9)
    assert FrechetGap(train, test)(generated) == FrechetGap(train, test)(first)


def test_copies_are_closer_to_the_training_set_by_its_distance_to_the_test_set():
    train, test = normal(100, 8, 3), normal(100, 8, 4)
    gap = FrechetGap(train, test)(train.flip(0))
    assert gap == pytest.approx(-frechet_distance(train, test), abs=1e-8)
    assert gap < -0.3


def test_a_fresh_sample_is_as_far_from_both():
    gaps = [FrechetGap(normal(100, 8, 10 + i), normal(100, 8, 50 + i))(normal(100, 8, 90 + i)) for i in range(40)]
    spread = torch.tensor(gaps).std().item()
    assert 0.02 < spread < 0.5
    assert sum(gaps) / 40 == pytest.approx(0, abs=3 * spread / 40**0.5)


def test_exchanging_train_and_test_changes_the_sign():
    train, test, generated = normal(50, 4, 5), normal(50, 4, 6), normal(50, 4, 7) + 1
    gap = FrechetGap(train, test)(generated)
    assert gap != 0
    assert FrechetGap(test, train)(generated) == -gap


def test_test_images_are_those_that_stand_beside_the_training_images():
    """Wherever they are in the reference, and no more training images than there are of them."""
    images, real, train, generated = torch.zeros(60, 1, 1, 1), normal(60, 3, 13), normal(25, 3, 14), normal(60, 3, 15)
    beside = torch.arange(59, 39, -1)
    measure = MEASUREMENT.prepare(Reference(images, real, train=train, beside=beside))
    found = measure(Sample(images, generated, torch.zeros(60, 0)))
    assert found == {"frechet_gap": FrechetGap(train[:20], real[40:].flip(0))(generated)}


def test_refuses_fewer_features_and_unequal_references():
    gap = FrechetGap(normal(20, 3, 8), normal(20, 3, 9))
    with pytest.raises(ValueError, match="features: expected at least 20, as in the training set, got 19"):
        gap(normal(19, 3, 10))
    with pytest.raises(ValueError, match=r"test: expected the shape of train, \(20, 3\), got \(30, 3\)"):
        FrechetGap(normal(20, 3, 11), normal(30, 3, 12))
