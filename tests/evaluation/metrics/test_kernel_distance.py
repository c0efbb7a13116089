"""The kernel distance against closed forms, an estimator written out pair by pair, and torchmetrics."""

import math
from itertools import permutations, product

import numpy as np
import pytest
import torch
from torch import Tensor
from torchmetrics.image.kid import poly_mmd

from aeaug.evaluation.metric import Reference, Sample
from aeaug.evaluation.metrics import kernel_distance as module
from aeaug.evaluation.metrics.kernel_distance import MEASUREMENT, KernelDistance


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def distance(first: Tensor, second: Tensor) -> float:
    return KernelDistance(first)(second)


def pair_by_pair(first: Tensor, second: Tensor) -> float:
    """The unbiased estimator, as it is defined."""
    x, y = first.numpy(), second.numpy()

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        return (sum(p * q for p, q in zip(a, b, strict=True)) / len(a) + 1) ** 3

    return float(
        np.mean([kernel(a, b) for a, b in permutations(x, 2)])
        + np.mean([kernel(a, b) for a, b in permutations(y, 2)])
        - 2 * np.mean([kernel(a, b) for a, b in product(x, y)])
    )


@pytest.mark.parametrize("most_features", [288, 4])  # by moments, and by pairs
@pytest.mark.parametrize("tile", [500, 7, 1])
def test_agrees_with_the_definition(monkeypatch: pytest.MonkeyPatch, tile: int, most_features: int):
    monkeypatch.setattr(module, "TILE", tile)
    monkeypatch.setattr(module, "MOST_FEATURES", most_features)
    first, second = normal(30, 5, 0), 1.3 * normal(23, 5, 1) + 0.4
    assert distance(first, second) == pytest.approx(pair_by_pair(first, second), rel=1e-10)


def test_many_features_take_little_memory_and_agree_with_torchmetrics():
    first, second = normal(600, 2_048, 4), 1.1 * normal(600, 2_048, 5) + 0.1  # third moments would be 23 GB
    assert distance(first, second) == pytest.approx(poly_mmd(first, second).item(), rel=1e-9)


def test_agrees_with_torchmetrics_on_a_single_subset():
    first, second = normal(1200, 96, 2), 1.2 * normal(1200, 96, 3) + 0.1
    assert distance(first, second) == pytest.approx(poly_mmd(first, second).item(), rel=1e-9)


def test_point_masses():
    # k(a, a) + k(b, b) − 2 k(a, b)
    a, b = torch.tensor([1.0, 2.0, -1.0]), torch.tensor([0.5, 0.0, 3.0])
    expected = (6 / 3 + 1) ** 3 + (9.25 / 3 + 1) ** 3 - 2 * (-2.5 / 3 + 1) ** 3
    assert distance(a.repeat(10, 1), b.repeat(7, 1)) == pytest.approx(expected, rel=1e-12)
    assert distance(a.repeat(10, 1), a.repeat(7, 1)) == pytest.approx(0, abs=1e-12)


def test_unbiased_between_samples_of_one_distribution():
    found = np.array([distance(normal(20, 4, 2 * i + 100), normal(30, 4, 2 * i + 101)) for i in range(400)])
    assert abs(found.mean()) < 3 * found.std() / 20
    assert 0.2 < (found < 0).mean() < 0.9


def test_unbiased_where_distributions_differ():
    # F = 1, N(0, 1) and N(m, 1): (xy + 1)³ compares three moments, 3 (m)² + 3 (m²)² + (m³ + 3m)².
    m = 0.3
    truth = 3 * m**2 + 3 * m**4 + (m**3 + 3 * m) ** 2
    found = np.array([distance(normal(200, 1, 2 * i + 1000), normal(200, 1, 2 * i + 1001) + m) for i in range(400)])
    assert found.std() / 20 < 0.05 * truth
    assert abs(found.mean() - truth) < 3 * found.std() / 20


def test_further_is_more():
    reference = KernelDistance(normal(500, 8, 3))
    found = [reference(normal(500, 8, 4) + shift) for shift in (0, 0.2, 0.4, 0.8)]
    assert found == sorted(found)
    assert found[1] > 10 * abs(found[0])


def test_symmetric_and_invariant_under_rotation_and_order():
    first, second = normal(80, 6, 5), normal(110, 6, 6) * 1.2 + 0.3
    expected, rotation = distance(first, second), torch.linalg.qr(normal(6, 6, 7)).Q
    assert distance(second, first) == pytest.approx(expected, rel=1e-9)
    assert distance(first @ rotation, second @ rotation) == pytest.approx(expected, rel=1e-9)
    assert distance(first.flip(0), second[torch.randperm(110)]) == pytest.approx(expected, rel=1e-9)


def test_one_reference_measures_many_sets_in_float64():
    reference, first, second = normal(100, 5, 8), normal(90, 5, 9) + 1, 3 * normal(80, 5, 10)
    before, measure = torch.get_rng_state(), KernelDistance(reference.float())
    found = [measure(x.float()) for x in (first, second, first)]
    assert torch.equal(torch.get_rng_state(), before)
    expected = [pair_by_pair(reference.float().double(), x.float().double()) for x in (first, second, first)]
    assert found == pytest.approx(expected, rel=1e-9)
    assert found[0] == found[2]


@pytest.mark.parametrize("unit", [0.01, 1, 100])
def test_as_a_metric_it_is_of_features_in_units_of_the_references_root_mean_square(unit: float):
    images, real, generated = torch.zeros(40, 1, 1, 1), normal(40, 5, 14), normal(40, 5, 15) + 0.3
    measure = MEASUREMENT.prepare(Reference(images, unit * real))
    found = measure(Sample(images, unit * generated, torch.zeros(40, 0)))["kernel_distance"]
    scale = real.square().mean().sqrt()
    assert found == pytest.approx(distance(real / scale, generated / scale), rel=1e-9)


@pytest.mark.parametrize("bad", [(1, 3), (10,), (10, 4)], ids=str)
def test_refuses_what_has_no_distance(bad: tuple[int, ...]):
    with pytest.raises(ValueError, match="features: expected at least 2 rows of 3 features"):
        distance(normal(10, 3, 11), torch.zeros(bad))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_refuses_what_is_not_finite(value: float):
    broken = normal(10, 3, 12)
    broken[0, 0] = value
    with pytest.raises(ValueError, match="features: some are not finite"):
        distance(normal(10, 3, 13), broken)
    with pytest.raises(ValueError, match="reference: some are not finite"):
        distance(broken, normal(10, 3, 13))
