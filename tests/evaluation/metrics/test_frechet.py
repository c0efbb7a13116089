"""The Fréchet distance against its closed form, scipy's matrix square root, and its invariances."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import Tensor
from torchmetrics.image.fid import _compute_fid

from aeaug.data import to_float
from aeaug.evaluation import FeatureNet, extract
from aeaug.evaluation.metrics.frechet import FrechetDistance, frechet_distance


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def whitened(n: int, f: int, seed: int) -> Tensor:
    """Samples whose mean is exactly 0 and whose unbiased covariance is exactly I."""
    x = normal(n, f, seed)
    x = x - x.mean(0)
    return torch.linalg.solve_triangular(torch.linalg.cholesky(x.T.cov()), x.T, upper=False).T


def rotation(f: int, seed: int) -> Tensor:
    return torch.linalg.qr(normal(f, f, seed)).Q


def test_closed_form_for_isotropic_gaussians():
    # N(0, a² I) and N(m, b² I): ‖m‖² + F (a − b)²
    f, a, b, m = 6, 1.5, 0.4, torch.arange(6.0, dtype=torch.float64)
    first, second = a * whitened(300, f, 0), b * whitened(200, f, 1) + m
    expected = m.square().sum().item() + f * (a - b) ** 2
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-9)


def test_closed_form_for_commuting_covariances():
    # Covariances with the same eigenvectors: Σ (√λ − √κ)²
    q, scales, others = (
        rotation(5, 2),
        torch.tensor([3.0, 1, 0.5, 0.2, 0.1]),
        torch.tensor([1.0, 2, 0.5, 0.3, 0]),
    )
    first, second = whitened(400, 5, 3) * scales @ q, whitened(400, 5, 4) * others @ q
    assert frechet_distance(first, second) == pytest.approx((scales - others).square().sum().item(), rel=1e-6)


def test_agrees_with_the_square_root_of_scipy():
    first, second = normal(500, 12, 5) @ normal(12, 12, 6), normal(400, 12, 7) @ normal(12, 12, 8) + 0.3
    root = np.real(sqrtm((first.T.cov() @ second.T.cov()).numpy()))
    expected = (
        (first.mean(0) - second.mean(0)).square().sum()
        + first.T.cov().trace()
        + second.T.cov().trace()
        - 2 * np.trace(root)
    )
    assert frechet_distance(first, second) == pytest.approx(float(expected), rel=1e-8)


def test_agrees_with_torchmetrics_on_features_of_digits(stored: tuple[Tensor, Tensor], net: FeatureNet):
    """To its own rounding: eigenvalues of a product that is not symmetric."""
    features = extract(to_float(stored[0][torch.randperm(5000, generator=torch.Generator().manual_seed(0))]), net)
    first, second = features.features.double().split(2500)
    expected = _compute_fid(first.mean(0), first.T.cov(), second.mean(0), second.T.cov()).item()
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-10)


def test_zero_on_identical_sets_even_of_low_rank():
    x = normal(300, 4, 9) @ normal(4, 20, 10)  # 20 features that span 4 dimensions
    assert 0 <= frechet_distance(x, x) < 1e-5 * x.var(0).sum()
    assert 0 <= frechet_distance(x, x.flip(0)) < 1e-5 * x.var(0).sum()


def test_symmetric():
    first, second = normal(100, 8, 11), 2 * normal(150, 8, 12) + 1
    assert frechet_distance(first, second) == pytest.approx(frechet_distance(second, first), rel=1e-9)


def test_invariant_under_rotation_and_translation_and_quadratic_in_scale():
    first, second = normal(200, 8, 13), normal(200, 8, 14) * 1.5 + 0.5
    distance, q = frechet_distance(first, second), rotation(8, 15)
    assert distance > 1
    assert frechet_distance(first @ q, second @ q) == pytest.approx(distance, rel=1e-9)
    assert frechet_distance(first + 100, second + 100) == pytest.approx(distance, rel=1e-9)
    assert frechet_distance(3 * first, 3 * second) == pytest.approx(9 * distance, rel=1e-9)


def test_float32_features_far_from_the_origin_keep_their_precision():
    # Second moments of raw float32 features would lose all but the first digits here.
    first, second = normal(1000, 4, 16).float() + 4096, 2 * normal(1000, 4, 17).float() + 4096
    shifted = frechet_distance(first.double() - 4096, second.double() - 4096)
    assert frechet_distance(first, second) == pytest.approx(shifted, rel=1e-9)


def test_falls_with_the_number_of_samples():
    small = frechet_distance(normal(100, 16, 18), normal(100, 16, 19))
    large = frechet_distance(normal(3000, 16, 18), normal(3000, 16, 19))
    assert 0 < large < small / 10


def test_one_reference_measures_many_sets():
    reference, first, second = normal(100, 5, 20), normal(90, 5, 21) + 1, 3 * normal(80, 5, 22)
    distance = FrechetDistance(reference)
    measured = [distance(x) for x in (first, second, first)]
    expected = [frechet_distance(reference, x) for x in (first, second, first)]
    assert measured == pytest.approx(expected, rel=1e-12)
    assert measured[0] != pytest.approx(measured[1], rel=0.1)


@pytest.mark.parametrize("bad", [(1, 3), (10,), (10, 4)], ids=str)
def test_refuses_what_has_no_distance(bad: tuple[int, ...]):
    with pytest.raises(ValueError, match="features: expected at least 2 rows of 3 features"):
        frechet_distance(normal(10, 3, 23), torch.zeros(bad))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_refuses_what_is_not_finite(value: float):
    broken = normal(10, 3, 24)
    broken[0, 0] = value
    with pytest.raises(ValueError, match="features: some are not finite"):
        frechet_distance(normal(10, 3, 25), broken)
    with pytest.raises(ValueError, match="reference: some are not finite"):
        frechet_distance(broken, normal(10, 3, 25))
