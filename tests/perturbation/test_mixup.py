import pytest
import torch
from scipy.stats import beta, kstest

from aeaug.perturbation import LatentCodes
from aeaug.perturbation.mixup import Mixup, mixup
from tests.perturbation.conftest import draw


@pytest.mark.parametrize("alpha", [0.1, 0.4, 1.0, 5.0])
def test_points_lie_on_segments_and_weights_are_of_the_beta_distribution(alpha):
    z, other = torch.randn(5_000, 3, generator=draw(1)), torch.randn(5_000, 3, generator=draw(2))
    z, other = z.double(), other.double()
    between = mixup(z, other, alpha, draw())
    weight = ((between - other) * (z - other)).sum(1) / (z - other).square().sum(1)
    torch.testing.assert_close(between, other + weight[:, None] * (z - other))
    assert weight.min() >= -1e-9
    assert weight.max() <= 1 + 1e-9
    assert kstest(weight.clamp(0, 1).numpy(), beta(alpha, alpha).cdf).pvalue > 1e-3


def test_the_other_is_any_code_but_the_same_one():
    """At a large alpha the point is the middle: of powers of two, every pair has another one."""
    codes = LatentCodes(2.0 ** torch.arange(6)[:, None])
    index = torch.full((3_000,), 2)
    middle = Mixup(name="mixup", alpha=100.0)(codes, index, draw())[:, 0]
    nearest = (middle[:, None] - (codes.z[:, 0] + codes.z[2, 0]) / 2).abs().argmin(1)
    assert set(nearest.tolist()) == {0, 1, 3, 4, 5}
