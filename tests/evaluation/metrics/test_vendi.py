"""The Vendi score against the eigenvalues of the N × N kernel matrix, and its closed forms."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from aeaug.evaluation import FeatureNet
from aeaug.evaluation.features import extract
from aeaug.evaluation.metrics.vendi import vendi_score


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_definition(x: np.ndarray) -> float:
    kernel = np.array([[a @ b / math.sqrt((a @ a) * (b @ b)) for b in x] for a in x])
    eigenvalues = np.linalg.eigvalsh(kernel / len(x))
    return math.exp(-sum(value * math.log(value) for value in eigenvalues if value > 1e-14))


@pytest.mark.parametrize("shape", [(60, 5), (5, 60), (40, 40)])
def test_agrees_with_the_kernel_matrix(shape: tuple[int, int]):
    x = normal(*shape, seed=0) + 0.5
    assert vendi_score(x) == pytest.approx(by_definition(x.numpy()), rel=1e-10)
    assert 1.5 < vendi_score(x) < min(shape)


def test_copies_of_one_image_are_one():
    assert vendi_score(normal(1, 96, 1).repeat(300, 1)) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("m", [1, 2, 7, 20])
def test_orthogonal_directions_are_counted(m: int):
    directions = torch.linalg.qr(normal(20, 20, 2)).Q[:m]
    assert vendi_score(directions.repeat(11, 1)) == pytest.approx(m, rel=1e-9)


def test_unequal_shares_count_by_their_entropy():
    counts = torch.tensor([50, 30, 20])
    shares = counts / counts.sum()
    x = torch.eye(5, dtype=torch.float64)[:3].repeat_interleave(counts, 0)
    assert vendi_score(x) == pytest.approx(math.exp(-(shares * shares.log()).sum()), rel=1e-6)


@pytest.mark.parametrize("degrees", [0, 10, 60, 90])
def test_two_directions_count_by_their_angle(degrees: float):
    angle = math.radians(degrees)
    x = torch.tensor([[1, 0, 0], [math.cos(angle), math.sin(angle), 0]], dtype=torch.float64)
    halves = [(1 + math.cos(angle)) / 2, (1 - math.cos(angle)) / 2]
    expected = math.exp(-sum(p * math.log(p) for p in halves if p > 0))
    assert vendi_score(x) == pytest.approx(expected, rel=1e-9)


def test_invariance():
    x = normal(200, 8, 3) + 1
    expected = vendi_score(x)
    lengths = 10 * torch.rand(200, 1, generator=torch.Generator().manual_seed(4), dtype=torch.float64) + 0.1
    rotation = torch.linalg.qr(normal(8, 8, 5)).Q
    for same in (lengths * x, x @ rotation, x.flip(0), x.repeat(3, 1), x.float()):
        assert vendi_score(same) == pytest.approx(expected, rel=1e-6)


def test_real_digits_are_more_than_one_digit_and_than_copies(
    stored: tuple[Tensor, Tensor], digits: Tensor, net: FeatureNet
):
    features = extract(digits[::5], net, 500).features
    real = vendi_score(features)
    assert 4 < real < 10
    for digit in range(10):
        assert 1 < vendi_score(features[stored[1][::5] == digit]) < 0.6 * real
    assert vendi_score(features[::100].repeat(100, 1)) < 0.9 * real  # one image a class


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (torch.ones(1, 3), "features: expected at least 2 rows of 3 features"),
        (torch.tensor([[1.0, math.nan], [1.0, 1.0]]), "features: some are not finite"),
        (torch.tensor([[0.0, 0.0], [1.0, 1.0]]), "features: some rows are zero"),
    ],
)
def test_refuses(features: Tensor, message: str):
    with pytest.raises(ValueError, match=message):
        vendi_score(features)
