import pytest
import torch
from pydantic import ValidationError

from aeaug.perturbation import LatentCodes
from aeaug.perturbation.interpolate import Interpolate, interpolate
from tests.perturbation.conftest import draw


def test_points_lie_on_segments_uniformly():
    z, other = torch.randn(5_000, 3, generator=draw(1)), torch.randn(5_000, 3, generator=draw(2))
    between = interpolate(z, other, draw())
    weight = ((between - z) * (other - z)).sum(1) / (other - z).square().sum(1)
    torch.testing.assert_close(between, z + weight[:, None] * (other - z), atol=1e-4, rtol=1e-4)
    assert weight.min() >= -1e-5
    assert weight.max() <= 1 + 1e-5
    # Mean and variance of U(0, 1), five standard errors.
    assert weight.mean().item() == pytest.approx(0.5, abs=5 * (1 / 12 / 5_000) ** 0.5)
    assert weight.var().item() == pytest.approx(1 / 12, abs=5 * (1 / 180 / 5_000) ** 0.5)


def test_points_lie_between_a_code_and_its_nearest_neighbours():
    """On a line of integers, between i and its two neighbours."""
    line = LatentCodes(torch.arange(50.0)[:, None])
    index = torch.arange(1, 49).repeat(50)
    moved = Interpolate(name="interpolate", neighbours=2)(line, index, draw())[:, 0] - index
    assert moved.abs().max() <= 1
    assert moved.min() < -0.5  # both sides are used
    assert moved.max() > 0.5


def test_there_is_at_least_one_neighbour():
    with pytest.raises(ValidationError):
        Interpolate(name="interpolate", neighbours=0)
