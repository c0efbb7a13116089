"""Clipped Density and Clipped Coverage against a literal implementation, and the properties their authors ask for."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import betabinom
from torch import Tensor

from aeaug.evaluation import FeatureNet, distances
from aeaug.evaluation.features import extract
from aeaug.evaluation.metrics.clipped import ClippedDensityCoverage, expected_coverage
from aeaug.evaluation.metrics.prdc import prdc


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def literal_expectation(n: int, m: int, k: int) -> list[float]:
    found = [0.0]
    for good in range(1, m + 1):
        inside = np.arange(good + 1)
        found.append(float(np.minimum(inside / k, 1) @ betabinom.pmf(inside, good, k, n - k)))
    return found


def literally(real: np.ndarray, generated: np.ndarray, k: int) -> tuple[float, float]:
    """As the paper writes it down, one ball after the other."""
    within, between = cdist(real, real), cdist(real, generated)
    radii = [np.sort(np.delete(row, i))[k - 1] for i, row in enumerate(within)]
    median = np.median(radii)

    def density(distances: list[np.ndarray]) -> float:
        """``distances``: of each image to the real samples, NaN to itself."""
        counts = [sum(d <= min(r, median) for d, r in zip(row, radii, strict=True)) for row in distances]
        return float(np.mean([min(1, count / k) for count in counts]))

    np.fill_diagonal(within, np.nan)
    fidelity = min(1, density(list(between.T)) / density(list(within.T)))
    raw = np.mean([min(1, np.count_nonzero(row < r) / k) for row, r in zip(between, radii, strict=True)])
    expected = literal_expectation(len(real), generated.shape[0], k)
    return fidelity, float(np.interp(raw, expected, np.linspace(0, 1, len(expected))))


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize(
    ("real", "generated"),
    [
        (normal(120, 6, 0), normal(120, 6, 1)),
        (normal(121, 6, 2), 0.6 * normal(90, 6, 3) + 0.3),
        (normal(80, 3, 4), 3 * normal(150, 3, 5)),
        (normal(260, 2, 6), 1.4 * normal(270, 2, 7)),
        (normal(100, 8, 8).float() + 100, normal(60, 8, 9).float() + 100.2),
    ],
    ids=["same", "narrow", "wide", "more than a chunk", "float32 off centre"],
)
def test_agrees_with_a_literal_implementation(real: Tensor, generated: Tensor, k: int):
    measured = ClippedDensityCoverage(real, k)(generated)
    assert measured == pytest.approx(literally(real.double().numpy(), generated.double().numpy(), k), abs=1e-9)
    assert 0.05 < measured.coverage <= 1
    assert 0.05 < measured.density <= 1


@pytest.mark.parametrize(("n", "m", "k"), [(100, 60, 5), (50, 80, 3), (7, 9, 6), (2, 5, 1)])
def test_calibration_is_the_beta_binomial_mean(n: int, m: int, k: int):
    expected = expected_coverage(n, m, k)
    assert expected.numpy() == pytest.approx(literal_expectation(n, m, k), abs=1e-12)
    assert expected[1].item() == pytest.approx(1 / n, rel=1e-12)  # k / n of the distribution, and a k-th of a ball
    assert bool((expected.diff() > 0).all())
    assert expected[-1] < 1


def test_calibration_of_ten_thousand_is_accurate():
    expected = expected_coverage(10_000, 10_000)
    negative_binomial = betabinom.pmf(np.arange(5), 10_000, 5, 9_995)
    assert expected[-1].item() == pytest.approx(1 - np.dot(5 - np.arange(5), negative_binomial) / 5, rel=1e-9)
    assert expected[1].item() == pytest.approx(1e-4, rel=1e-9)


@pytest.mark.parametrize("share", [0, 0.1, 0.25, 0.5, 0.75, 1])
def test_scores_fall_linearly_with_the_share_of_bad_images(share: float):
    n, scores = 800, []
    for seed in range(3):
        generated = normal(n, 5, 10 + seed)
        generated[: int(share * n)] += 1_000
        scores.append(ClippedDensityCoverage(normal(n, 5, 20 + seed))(generated))
    density, coverage = np.mean(scores, axis=0)
    # Capped at 1, a good set's mean is a little below.
    assert density == pytest.approx(1 - share, abs=0.03)
    assert coverage == pytest.approx(1 - share, abs=0.03)


def test_outliers_among_the_real_samples_make_bad_images_no_better():
    real, generated, outliers = normal(900, 4, 30), normal(900, 4, 31), 20 * normal(60, 4, 32)
    generated[:450] = 20 * normal(450, 4, 33)
    dirty = torch.cat([real, outliers])
    assert prdc(dirty, generated).density > 1.5 * prdc(real, generated).density  # what is to be mended
    clean, mended = ClippedDensityCoverage(real)(generated), ClippedDensityCoverage(dirty)(generated)
    assert clean.density == pytest.approx(0.5, abs=0.04)
    assert mended.density == pytest.approx(clean.density, abs=0.04)


def test_no_image_of_a_crowd_counts_more_than_one_and_no_ball():
    real = normal(600, 20, 34)
    distances = torch.cdist(real, real)
    radii = distances.kthvalue(6, dim=1, keepdim=True).values  # itself is its nearest
    balls = (distances <= radii.clamp(max=radii.quantile(0.5))).sum(0)
    crowd = real[balls.argmax()] + 1e-6 * normal(150, 20, 35)
    generated = torch.cat([crowd, normal(450, 20, 36) + 100])
    scores, unclipped = ClippedDensityCoverage(real)(generated), prdc(real, generated)
    of_real = (balls - 1).clamp(max=5).double().mean().item() / 5
    assert scores.density == pytest.approx(0.25 / of_real, rel=1e-9)
    assert unclipped.density > 1 > scores.density + 0.3
    assert 0 < scores.coverage < 0.1


def test_the_real_samples_themselves_and_sets_far_away():
    real = normal(300, 6, 37)
    scores = ClippedDensityCoverage(real)
    assert scores(real) == (1, 1)
    assert scores(real + 1_000) == (0, 0)


def test_on_their_edge_balls_are_closed_for_density_and_open_for_coverage():
    """Four points of a line at distances of 1, which are their radii, and two images on the edge of the last ball."""
    line = torch.arange(4.0)[:, None]
    assert ClippedDensityCoverage(line, 1)(torch.tensor([[4.0], [4.0]])) == (1, 0)


def test_invariance(monkeypatch: pytest.MonkeyPatch):
    real, generated = normal(300, 6, 38), 1.2 * normal(250, 6, 39) + 0.2
    expected = ClippedDensityCoverage(real)(generated)
    assert max(expected) < 0.95
    rotation = torch.linalg.qr(normal(6, 6, 40)).Q
    assert ClippedDensityCoverage(real @ rotation * 7 + 3)(generated @ rotation * 7 + 3) == pytest.approx(expected)
    assert ClippedDensityCoverage(real.flip(0))(generated.flip(0)) == pytest.approx(expected)
    monkeypatch.setattr(distances, "CHUNK", 7)
    assert ClippedDensityCoverage(real)(generated) == pytest.approx(expected)


def test_sets_of_other_sizes_are_calibrated_for_theirs():
    scores = ClippedDensityCoverage(normal(800, 4, 41))
    few, many = scores(normal(200, 4, 42)), scores(normal(2_000, 4, 43))
    assert few.coverage == pytest.approx(1, abs=0.12)
    assert many.coverage == pytest.approx(1, abs=0.05)
    assert scores(normal(200, 4, 42)) == few


def test_sees_on_digits_what_coverage_sees_and_is_linear(digits: Tensor, net: FeatureNet):
    order = torch.randperm(5_000, generator=torch.Generator().manual_seed(0))[:3_000]
    features = extract(digits[order], net, 500).features.double()
    scores = ClippedDensityCoverage(features[:1_500])
    real = scores(features[1_500:3_000])
    assert 0.9 < real.density <= 1
    assert 0.9 < real.coverage <= 1
    copied = scores(features[1_500:1_530].repeat(50, 1))
    assert copied.density > 0.8
    assert copied.coverage < 0.2
    noise = torch.rand(750, 1, 28, 28, generator=torch.Generator().manual_seed(1)) * 2 - 1
    half = scores(torch.cat([features[1_500:2_250], extract(noise, net, 500).features]))
    assert half.density == pytest.approx(real.density / 2, abs=0.04)
    assert half.coverage == pytest.approx(real.coverage / 2, abs=0.06)


@pytest.mark.parametrize("k", [0, 5, 9])
def test_refuses_more_neighbours_than_samples(k: int):
    with pytest.raises(ValueError, match=f"k: expected 1 <= k < 5 real samples, got {k}"):
        ClippedDensityCoverage(normal(5, 2, 44), k)


def test_refuses_other_features():
    scores = ClippedDensityCoverage(normal(10, 2, 45))
    with pytest.raises(ValueError, match="generated: expected at least 2 rows of 2 features"):
        scores(normal(10, 3, 46))
    with pytest.raises(ValueError, match="generated: some are not finite"):
        scores(torch.full((10, 2), torch.nan))
