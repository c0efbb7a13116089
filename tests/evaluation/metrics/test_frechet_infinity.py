"""The extrapolated Fréchet distance: exact on an exact law, and near the closed form that plain FD overshoots."""

import math

import pytest
import torch
from torch import Tensor

from aeaug.evaluation.metric import Reference, Sample
from aeaug.evaluation.metrics import frechet_infinity as module
from aeaug.evaluation.metrics.frechet import frechet_distance
from aeaug.evaluation.metrics.frechet_infinity import MEASUREMENT, frechet_distance_infinity

F = 96  # as many as the feature net's


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("n", [500, 1000])
def test_near_the_closed_form_of_isotropic_gaussians(n: int):
    # N(0, I) and N(m, 1.5² I): ‖m‖² + F (1.5 − 1)²
    truth = F * 0.1**2 + F * 0.5**2
    first, second = normal(n, F, 0), 1.5 * normal(n, F, 1) + 0.1
    plain = frechet_distance(first, second)
    assert plain > 1.2 * truth
    assert abs(frechet_distance_infinity(first, second) - truth) < 0.15 * (plain - truth)


def test_near_the_closed_form_where_few_directions_dominate():
    # The feature net's spectrum falls like this. Σ λ (a − b)² for covariances a² Λ and b² Λ.
    scales = torch.logspace(3, -2, F, dtype=torch.float64).sqrt()
    truth = (0.05 * scales).square().sum().item()
    found, plain = [], []
    for seed in range(5):
        first, second = scales * normal(1000, F, 2 * seed + 10), 1.05 * scales * normal(1000, F, 2 * seed + 11)
        found.append(frechet_distance_infinity(first, second) - truth)
        plain.append(frechet_distance(first, second) - truth)
    assert all(bias > 0 for bias in plain)
    assert abs(sum(found)) < 0.2 * sum(plain)


@pytest.mark.parametrize("n", [194, 300, 500, 1000])
def test_about_zero_between_samples_of_one_distribution(n: int):
    first, second = normal(n, F, 30), normal(n, F, 31)
    assert abs(frechet_distance_infinity(first, second)) < 0.1 * frechet_distance(first, second)


def test_takes_either_sign_between_samples_of_one_distribution():
    found = [frechet_distance_infinity(normal(200, 4, 2 * i + 40), normal(200, 4, 2 * i + 41)) for i in range(8)]
    assert min(found) < 0 < max(found)


def test_zero_against_itself():
    x = normal(500, F, 70)
    assert frechet_distance_infinity(x, x) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("sizes", [(500, 500), (503, 503), (400, 1000)], ids=str)
def test_exact_where_the_law_is_and_blocks_are_disjoint(monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, int]):
    blocks: list[tuple[set[float], set[float]]] = []

    class Exact:
        def __init__(self, x: Tensor) -> None:
            self.x = x

        def __call__(self, y: Tensor) -> float:
            blocks.append((set(self.x[:, 0].tolist()), set(y[:, 0].tolist())))
            return 7 + 1000 / len(self.x)

    monkeypatch.setattr(module, "FrechetDistance", Exact)
    n, m = sizes
    first, second = torch.arange(n)[:, None].expand(n, 60), torch.arange(m)[:, None].expand(m, 60)
    assert frechet_distance_infinity(first, second) == pytest.approx(7, abs=1e-9)
    assert len(blocks) == 1 + 4 * (2 + 3 + 4 + 5)
    for i in range(2):
        assert len(blocks[0][i]) == sizes[i]
        last = [block[i] for block in blocks[-5:]]
        assert [len(block) for block in last] == [sizes[i] // 5] * 5
        assert len(set.union(*last)) == sizes[i] // 5 * 5


def test_more_blocks_than_features_allow_are_left_out(monkeypatch: pytest.MonkeyPatch):
    sizes = set()
    monkeypatch.setattr(module, "FrechetDistance", lambda x: lambda y: sizes.add(min(len(x), len(y))) or 1.0)
    frechet_distance_infinity(normal(500, F, 71), normal(500, F, 72))
    assert min(sizes) == 100
    for n, m in ((300, 300), (300, 1000), (1000, 300)):  # the smaller set decides
        sizes.clear()
        frechet_distance_infinity(normal(n, F, 71), normal(m, F, 72))
        assert sizes == {300, 150, 100}


def test_sets_of_unequal_size():
    truth = F * 0.25
    first, second = normal(700, F, 73), 1.5 * normal(1500, F, 74)
    plain = frechet_distance(first, second)
    assert abs(frechet_distance_infinity(first, second) - truth) < 0.2 * (plain - truth)
    assert abs(frechet_distance_infinity(second, first) - truth) < 0.2 * (plain - truth)


def test_order_hardly_matters():
    first, second = normal(500, F, 75), 1.1 * normal(500, F, 76)
    bias = frechet_distance(first, second) - F * 0.01
    found = [frechet_distance_infinity(x, y) for x, y in ((first, second), (first.flip(0), second), (first, second))]
    assert found[0] == found[2]
    assert found[0] == pytest.approx(found[1], abs=0.1 * bias)


def test_invariant_under_rotation_and_translation_and_quadratic_in_scale():
    first, second = normal(300, 8, 77), 1.5 * normal(300, 8, 78) + 0.5
    distance, rotation = frechet_distance_infinity(first, second), torch.linalg.qr(normal(8, 8, 79)).Q
    assert frechet_distance_infinity(first @ rotation + 9, second @ rotation + 9) == pytest.approx(distance, rel=1e-9)
    assert frechet_distance_infinity(3 * first, 3 * second) == pytest.approx(9 * distance, rel=1e-9)


def test_a_function_of_its_seed_alone():
    first, second = normal(400, 8, 80), normal(400, 8, 81) + 0.2
    before = torch.get_rng_state()
    found = [frechet_distance_infinity(first, second, seed) for seed in (0, 1, 0)]
    assert torch.equal(torch.get_rng_state(), before)
    assert found[0] == found[2]
    assert found[0] != found[1]
    assert found[0] == pytest.approx(found[1], abs=0.05 * frechet_distance(first, second))


@pytest.mark.parametrize(("n", "m", "name"), [(193, 500, "reference"), (500, 193, "features")])
def test_refuses_too_few_samples(n: int, m: int, name: str):
    with pytest.raises(ValueError, match=rf"{name}: expected shape \(N, F\) with N >= 2 \(F \+ 1\).*\(193, 96\)"):
        frechet_distance_infinity(normal(n, F, 82), normal(m, F, 83))


def test_refuses_what_has_no_distance():
    with pytest.raises(ValueError, match="features: expected at least 2 rows of 3 features"):
        frechet_distance_infinity(normal(50, 3, 84), normal(50, 4, 85))
    broken = normal(50, 3, 86)
    broken[7, 1] = math.nan
    with pytest.raises(ValueError, match="features: some are not finite"):
        frechet_distance_infinity(normal(50, 3, 87), broken)


def test_a_balanced_reference_needs_its_strata():
    # Ten classes; the reference holds 50 of each, the other set a random number of each.
    centres, labels = 3 * normal(10, F, 200), torch.arange(500) % 10
    reference = centres[labels] + normal(500, F, 201)
    with_strata, without, plain = [], [], []
    for seed in range(10):
        classes = torch.randint(10, (500,), generator=torch.Generator().manual_seed(seed))
        random = centres[classes] + normal(500, F, 202 + seed)
        with_strata.append(frechet_distance_infinity(reference, random, strata=labels))
        without.append(frechet_distance_infinity(reference, random))
        plain.append(frechet_distance(reference, random))
    assert abs(sum(with_strata)) < 0.2 * sum(plain)
    assert sum(without) < -0.3 * sum(plain)


def test_strata_are_dealt_out_evenly():
    labels = torch.arange(300) % 10
    blocks = module._blocks(labels[:, None], 3, 0, 0, strata=labels)
    assert [block.flatten().bincount().tolist() for block in blocks] == [[10] * 10] * 3


@pytest.mark.parametrize("balanced", [True, False])
def test_the_classes_of_a_balanced_reference_are_its_strata_and_of_a_random_one_they_are_not(balanced: bool):
    labels, images = torch.arange(300) % 10, torch.zeros(300, 1, 1, 1)
    real, generated = 3 * normal(10, 8, 210)[labels] + normal(300, 8, 211), normal(300, 8, 212)
    measure = MEASUREMENT.prepare(Reference(images, real, labels, balanced=balanced))
    found = measure(Sample(images, generated, torch.zeros(300, 0)))["frechet_distance_infinity"]
    with_strata, without = (frechet_distance_infinity(real, generated, strata=strata) for strata in (labels, None))
    assert with_strata != without
    assert found == (with_strata if balanced else without)
