import pytest
import torch

from aeaug.perturbation import LatentCodes
from aeaug.perturbation.difference import Difference, difference
from tests.perturbation.conftest import draw


def test_without_weight_codes_stay_as_they_are(codes):
    assert difference(codes.z, codes.z, 0, draw()).equal(codes.z)


def test_every_difference_of_two_distinct_codes_is_as_likely_as_any_other():
    """Of powers of two, all differences are distinct, and none is zero."""
    known = 2.0 ** torch.arange(5)[:, None]
    moves = difference(torch.zeros(40_000, 1), known, 1.0, draw())[:, 0]
    values, counts = moves.unique(return_counts=True)
    assert sorted(values.tolist()) == sorted({float(a - b) for a in known for b in known if a != b})
    n, p = len(moves), 1 / 20
    assert counts.tolist() == pytest.approx([n * p] * 20, abs=5 * (n * p * (1 - p)) ** 0.5)


@pytest.mark.parametrize("weight", [0.1, 0.5, 2.0])
def test_moves_have_mean_zero_and_twice_the_codes_covariance(weight):
    mixed = torch.randn(2_000, 3, generator=draw(1)) @ torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 3.0]])
    codes = LatentCodes(mixed)
    index = torch.arange(2_000).repeat(50)
    moved = Difference(name="difference", weight=weight)(codes, index, draw()) - codes.z[index]
    n, expected = len(moved), 2 * weight**2 * torch.cov(mixed.T)
    scale = (expected.diag()[:, None] * expected.diag()).sqrt()
    assert ((torch.cov(moved.T) - expected).abs() <= 8 * scale / n**0.5).all()
    assert (moved.mean(0).abs() <= 5 * (expected.diag() / n).sqrt()).all()


def test_two_codes_have_two_differences():
    pair = LatentCodes(torch.tensor([[1.0], [4.0]]))
    moved = Difference(name="difference", weight=1.0)(pair, torch.zeros(100, dtype=torch.int64), draw())[:, 0]
    assert set(moved.tolist()) == {1 - 3.0, 1 + 3.0}


def test_within_a_class_differences_are_of_its_own_codes():
    codes = LatentCodes(torch.tensor([[0.0], [1.0], [10.0], [30.0]]), labels=torch.tensor([0, 0, 1, 1]))
    moved = Difference(name="difference", weight=1.0, within="class")(codes, torch.tensor([0, 2]).repeat(200), draw())[
        :, 0
    ]
    assert set(moved[::2].tolist()) == {-1.0, 1.0}
    assert set(moved[1::2].tolist()) == {-10.0, 30.0}
