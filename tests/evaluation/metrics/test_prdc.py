"""Precision, recall, density and coverage against the package `prdc` of their authors, and their
properties."""

import pytest
import torch
from prdc import compute_prdc
from scipy.spatial import KDTree
from torch import Tensor

from aeaug.evaluation import distances as module
from aeaug.evaluation.metric import Reference, Sample
from aeaug.evaluation.metrics.prdc import MEASUREMENT, prdc, squared_radii


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.filterwarnings("ignore:.sklearn.utils.parallel.delayed")  # the package runs sklearn in threads
@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize(
    ("real", "generated"),
    [
        (normal(400, 8, 0), normal(400, 8, 1)),
        (normal(400, 8, 2), 0.5 * normal(300, 8, 3) + 0.3),
        (normal(1300, 3, 4), 2 * normal(1100, 3, 5)),
        (normal(300, 16, 6).float() + 100, normal(300, 16, 7).float() + 100),
    ],
    ids=["same", "narrow", "more than a chunk", "float32 off centre"],
)
def test_agrees_with_the_reference_implementation(real: Tensor, generated: Tensor, k: int):
    expected = compute_prdc(real.double().numpy(), generated.double().numpy(), nearest_k=k)
    measured = prdc(real, generated, k_precision=k, k_density=k)
    assert measured._asdict() == pytest.approx(expected, abs=1e-12)
    assert 0 < measured.precision <= 1
    assert 0 < measured.coverage <= 1


def test_each_k_governs_its_own_pair():
    real, generated = normal(300, 6, 8), normal(300, 6, 9)
    both = prdc(real, generated)
    three, five = (prdc(real, generated, k_precision=k, k_density=k) for k in (3, 5))
    assert both == (three.precision, three.recall, five.density, five.coverage)
    assert three != five


def test_what_is_reported_has_the_three_and_the_five_neighbours_of_the_papers():
    images, real, generated = torch.zeros(80, 1, 1, 1), normal(80, 4, 69), normal(80, 4, 70)
    found = MEASUREMENT.prepare(Reference(images, real))(Sample(images, generated, torch.zeros(80, 0)))
    assert found == prdc(real, generated, k_precision=3, k_density=5)._asdict()
    for k_precision, k_density in ((2, 5), (4, 5), (3, 4), (3, 6)):
        assert found != prdc(real, generated, k_precision=k_precision, k_density=k_density)._asdict()


def test_radii_are_distances_to_the_kth_neighbour():
    x = normal(1500, 5, 10)
    distances, _ = KDTree(x.numpy()).query(x.numpy(), k=5)
    assert squared_radii(x, 4).sqrt().numpy() == pytest.approx(distances[:, 1:], rel=1e-9)


def test_identical_sets():
    x = normal(1200, 10, 11)
    # Open balls: every sample lies in its own, and in those of k - 1 others on average.
    assert prdc(x, x) == (1.0, 1.0, 1.0, 1.0)


def test_disjoint_sets():
    assert prdc(normal(200, 4, 12), normal(200, 4, 13) + 1000) == (0.0, 0.0, 0.0, 0.0)


def test_symmetry_and_invariance():
    real, generated = normal(300, 6, 14), 0.8 * normal(300, 6, 15) + 0.2
    there, back = prdc(real, generated), prdc(generated, real)
    assert (there.precision, there.recall) == (back.recall, back.precision)
    assert there.precision > there.recall + 0.05
    rotation = torch.linalg.qr(normal(6, 6, 16)).Q
    assert prdc(real @ rotation * 7 + 3, generated @ rotation * 7 + 3) == pytest.approx(there, abs=1e-12)
    order = torch.randperm(300, generator=torch.Generator().manual_seed(17))
    assert prdc(real[order], generated.flip(0)) == pytest.approx(there, abs=1e-12)


def test_same_distribution_has_density_and_coverage_of_theory():
    # Naeem et al. 2020: E[density] = 1 and E[coverage] = 1 - (N-1)…(N-k) / (2N-1)…(2N-k), about 1 - 2^-k.
    scores = [prdc(normal(800, 3, 20 + i), normal(800, 3, 40 + i)) for i in range(5)]
    assert sum(s.density for s in scores) / 5 == pytest.approx(1, abs=0.04)
    assert sum(s.coverage for s in scores) / 5 == pytest.approx(1 - 2**-5, abs=0.01)


def test_collapse_shows_in_diversity_and_not_in_fidelity():
    real = normal(500, 6, 60)
    collapsed = real[:1] + 1e-4 * normal(500, 6, 61)
    score = prdc(real, collapsed)
    assert score.precision == 1
    assert score.recall < 0.02
    assert score.coverage < 0.1


def test_copies_of_few_samples_have_no_recall_and_as_real_ones_hold_nothing():
    real, few = normal(500, 6, 62), normal(50, 6, 63)
    copies = few.repeat(10, 1)  # more than k of each: balls without extent, which are open
    assert prdc(real, copies).recall == 0
    assert prdc(copies, few) == (0, 1, 0, 0)


def test_chunks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch):
    real, generated = normal(200, 5, 64), normal(230, 5, 65)
    whole = prdc(real, generated)
    monkeypatch.setattr(module, "CHUNK", 7)
    assert prdc(real, generated) == pytest.approx(whole, abs=1e-12)


def test_given_radii_are_used():
    real, generated = normal(100, 5, 66), normal(100, 5, 67)
    radii = squared_radii(real, 5)
    assert prdc(real, generated, real_radii=radii) == prdc(real, generated)
    assert prdc(real, generated, real_radii=torch.zeros_like(radii)).density == 0


@pytest.mark.parametrize("k", [0, 5, 9])
def test_refuses_more_neighbours_than_samples(k: int):
    with pytest.raises(ValueError, match=f"k: expected 1 <= k < 5 samples, got {k}"):
        squared_radii(normal(5, 2, 68), k)
