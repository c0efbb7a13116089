import torch

from aeaug.perturbation import LatentCodes
from aeaug.perturbation.extrapolate import Extrapolate, extrapolate
from tests.perturbation.conftest import draw


def test_points_lie_beyond_the_code_on_the_line_from_its_neighbour():
    z, other = torch.randn(500, 3, generator=draw(1)), torch.randn(500, 3, generator=draw(2))
    assert extrapolate(z, other, 0).equal(z)
    for weight in (0.1, 0.5, 2.0):
        beyond = extrapolate(z, other, weight)
        torch.testing.assert_close((beyond - z).norm(dim=1), weight * (z - other).norm(dim=1))
        # z lies between the two: interpolating back by λ / (1 + λ) finds it.
        torch.testing.assert_close(beyond + weight / (1 + weight) * (other - beyond), z, atol=1e-5, rtol=1e-5)


def test_the_ends_of_a_line_are_left_and_nothing_moves_farther_than_its_neighbour_allows():
    """On a line of integers with two neighbours each: half a step, or a whole one where both lie on one side."""
    line = LatentCodes(torch.arange(50.0)[:, None])
    index = torch.arange(50).repeat(50)
    moved = Extrapolate(name="extrapolate", neighbours=2, weight=0.5)(line, index, draw())[:, 0] - index
    inner = (index > 0) & (index < 49)
    assert set(moved[inner].tolist()) == {-0.5, 0.5}
    assert set(moved[index == 0].tolist()) == {-0.5, -1.0}
    assert set(moved[index == 49].tolist()) == {0.5, 1.0}
