"""Authenticity against a brute-force implementation and the known shares of mutual nearest neighbours."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from aeaug.evaluation.metrics.authenticity import Authenticity


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def uniform(n: int, f: int, seed: int) -> Tensor:
    return torch.rand(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def brute_force(train: np.ndarray, generated: np.ndarray) -> float:
    authentic = []
    for y in generated:
        to_train = [np.linalg.norm(y - x) for x in train]
        closest = int(np.argmin(to_train))
        to_next = min(np.linalg.norm(train[closest] - x) for i, x in enumerate(train) if i != closest)
        authentic.append(to_train[closest] > to_next)
    return float(np.mean(authentic))


@pytest.mark.parametrize("scale", [0.1, 0.7, 1.0, 1.5])
def test_agrees_with_brute_force(scale: float):
    train, generated = normal(80, 4, 0), scale * normal(60, 4, 1)
    measured = Authenticity(train)(generated)
    assert measured == brute_force(train.numpy(), generated.numpy())
    assert 0 < measured < 1


@pytest.mark.parametrize("noise", [0, 1e-3])
def test_copies_are_not_authentic(noise: float):
    train = 50 + normal(400, 6, 2)
    assert Authenticity(train)(train.repeat(3, 1) + noise * normal(1200, 6, 3)) == 0


def test_copies_are_not_authentic_where_the_training_set_repeats_itself():
    train = 50 + normal(200, 6, 4).repeat(2, 1)
    assert Authenticity(train)(train) == 0


def test_far_away_images_are_authentic():
    assert Authenticity(normal(300, 6, 5))(normal(300, 6, 6) + 100) == 1


def test_is_a_share():
    train = normal(300, 6, 7)
    mixed = torch.cat([train[:75], normal(225, 6, 8) + 100])
    assert Authenticity(train)(mixed) == 0.75


@pytest.mark.parametrize(
    ("dimension", "mutual"),
    [(1, 2 / 3), (2, 6 * math.pi / (8 * math.pi + 3 * math.sqrt(3))), (3, 16 / 27)],
)
def test_a_fresh_sample_has_the_share_of_points_without_a_mutual_nearest_neighbour(dimension: int, mutual: float):
    # The volume of a unit ball over that of the union of two, each centred on the other's surface.
    shares = [Authenticity(uniform(2000, dimension, 10 + i))(uniform(2000, dimension, 20 + i)) for i in range(4)]
    assert sum(shares) / 4 == pytest.approx(1 - mutual, abs=0.025)


def test_invariance():
    train, generated = normal(200, 5, 9), normal(200, 5, 10)
    expected = Authenticity(train)(generated)
    rotation = torch.linalg.qr(normal(5, 5, 11)).Q
    assert Authenticity(train @ rotation * 7 + 3)(generated @ rotation * 7 + 3) == expected
    assert Authenticity(train.flip(0))(generated.flip(0)) == expected


def test_refuses_too_few():
    with pytest.raises(ValueError, match="train: authenticity needs at least 2 training images, got 1"):
        Authenticity(normal(1, 3, 12))
    with pytest.raises(ValueError, match="features: expected at least 1, got 0"):
        Authenticity(normal(5, 3, 13))(torch.empty(0, 3))
