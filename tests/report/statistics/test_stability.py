import math

import numpy as np
import pytest
from scipy import stats

from aeaug.report.statistics.stability import pitman_morgan, stability
from tests.report.synthetic import experiment


def test_worst_runs_and_spreads_are_those_of_the_shared_seeds():
    arms = {"none": [40.0, 50.0, 90.0, 45.0], "append": [30.0, 60.0, "failed", 45.0]}
    (row,) = stability(experiment(arms))
    assert (row.pairs, row.treatment.worst, row.control.worst) == (3, pytest.approx(60), pytest.approx(50))
    assert (row.treatment.worst_run, row.control.worst_run) == ("seed=1", "seed=1")
    assert row.worst_ratio == pytest.approx(1.2)
    assert row.treatment.deviation == pytest.approx(np.std(np.log([30, 60, 45]), ddof=1))
    assert row.deviation_ratio == pytest.approx(
        np.std(np.log([30, 60, 45]), ddof=1) / np.std(np.log([40, 50, 45]), ddof=1)
    )
    assert (row.p, row.p_holm) == (None, None)


def test_spread_is_relative():
    rng = np.random.default_rng(0)
    values = np.exp(rng.normal(0, 0.2, 8))
    other = np.exp(rng.normal(0, 0.1, 8))
    (row,) = stability(experiment({"none": (40 * values).tolist(), "append": (40 * other).tolist()}))
    (scaled,) = stability(experiment({"none": (40 * values).tolist(), "append": (7 * other).tolist()}))
    assert scaled.deviation_ratio == pytest.approx(row.deviation_ratio)
    assert scaled.p == pytest.approx(row.p)
    assert scaled.worst_ratio == pytest.approx(row.worst_ratio * 7 / 40)


def test_units_are_subsets_with_the_mean_of_their_initialisations_or_where_all_share_one_initialisations():
    rng = np.random.default_rng(6)
    logs = {name: rng.normal(3.7, 0.2, (6, 2)) for name in ("none", "append")}
    arms = {name: np.exp(found).ravel().tolist() for name, found in logs.items()}
    crossed = [(subset, seed) for subset in range(6) for seed in (0, 1)]
    (row,) = stability(experiment(arms, keys=crossed))
    means = [logs[name].mean(axis=1) for name in ("append", "none")]
    assert (row.pairs, row.p) == (6, pytest.approx(pitman_morgan(*means)))
    assert row.deviation_ratio == pytest.approx(means[0].std() / means[1].std())
    (fixed,) = stability(experiment({500: arms}, keys=[(0, seed) for seed in range(12)], shared=[500]))
    assert (fixed.pairs, fixed.p) == (12, pytest.approx(pitman_morgan(logs["append"].ravel(), logs["none"].ravel())))


def test_diverged_runs_stand_beside():
    arms = {"none": [40.0, 41.0, 42.0, "diverged"], "append": ["diverged", "diverged", 30.0, 31.0]}
    (row,) = stability(experiment(arms))
    assert (row.pairs, row.treatment.arm.count("diverged"), row.control.arm.count("diverged")) == (1, 2, 1)
    assert (row.treatment.deviation, row.deviation_ratio) == (None, None)


def test_arms_without_a_shared_seed_have_no_stability():
    (row,) = stability(experiment({"none": [40.0, "diverged"], "append": ["diverged", 40.0]}))
    assert (row.pairs, row.worst_ratio, row.deviation_ratio, row.treatment.worst_run) == (0, None, None, None)
    assert stability(experiment({"append": [40.0, 41.0]})) == []


def test_a_planted_spread_is_found_from_six_pairs_on():
    rng = np.random.default_rng(1)
    shared, steady = rng.normal(3.7, 0.05, 20), rng.normal(0, 0.3, 20)
    arms = {"none": np.exp(shared + steady).tolist(), "append": np.exp(shared + rng.normal(0, 0.05, 20)).tolist()}
    (row,) = stability(experiment(arms))
    assert row.p < 0.001
    assert row.deviation_ratio < 0.6
    assert row.p_holm == row.p
    for pairs, enough in ((5, False), (6, True)):
        (few,) = stability(experiment({name: values[:pairs] for name, values in arms.items()}))
        assert (few.p is not None) == enough


def test_holm_runs_over_all_treatments_and_sizes():
    rng = np.random.default_rng(2)
    sizes = {
        size: {name: np.exp(rng.normal(3.7, 0.2, 8)).tolist() for name in ("none", "append", "replace")}
        for size in (100, 500)
    }
    rows = stability(experiment(sizes))
    assert len(rows) == 4
    assert min(row.p_holm for row in rows) == pytest.approx(min(1, 4 * min(row.p for row in rows)))


def test_pitman_morgan_is_the_t_test_of_the_ratio_of_variances():
    # Snedecor & Cochran: t = (F - 1) sqrt(n - 2) / (2 sqrt(F (1 - r^2))) with n - 2 degrees of freedom.
    rng = np.random.default_rng(3)
    for n in (6, 10, 30):
        x = rng.normal(0, 1, n)
        y = 0.5 * x + rng.normal(0, 1.5, n)
        ratio, r = x.var() / y.var(), np.corrcoef(x, y)[0, 1]
        t = (ratio - 1) * math.sqrt(n - 2) / (2 * math.sqrt(ratio * (1 - r**2)))
        assert pitman_morgan(x, y) == pytest.approx(2 * stats.t.sf(abs(t), n - 2))
        assert pitman_morgan(x, y) == pytest.approx(pitman_morgan(y, x))
        assert pitman_morgan(3 * x + 1, 3 * y - 5) == pytest.approx(pitman_morgan(x, y))


def test_pitman_morgan_agrees_with_permuted_sums_and_differences():
    rng = np.random.default_rng(4)
    for spread in (1.0, 1.6, 2.5):
        x, y = rng.normal(0, 1, 12), rng.normal(0, spread, 12)
        sums, differences = x + y, x - y
        observed = abs(np.corrcoef(sums, differences)[0, 1])
        permuted = np.array([rng.permutation(differences) for _ in range(4000)])
        standard = (permuted - differences.mean()) / differences.std()
        found = np.abs(standard @ ((sums - sums.mean()) / sums.std()) / 12) >= observed
        # Three standard errors of 4,000 permutations are 0.024; the rest is what normal theory may differ by.
        assert pitman_morgan(x, y) == pytest.approx(found.mean(), abs=0.04)


def test_pitman_morgan_holds_its_level_whatever_the_pairs_share():
    rng = np.random.default_rng(5)
    for shared in (0.0, 3.0):
        common = rng.normal(0, shared, (600, 8))
        x, y = common + rng.normal(size=(600, 8)), common + rng.normal(size=(600, 8)) + 1
        rejected = sum(pitman_morgan(*pair) <= 0.05 for pair in zip(x, y, strict=True))
        assert stats.binomtest(rejected, 600, 0.05).pvalue > 0.01


@pytest.mark.parametrize(("x", "y"), [([1.0] * 6, [1.0] * 6), (range(6), range(6)), (range(6), range(6, 12))])
def test_samples_that_differ_by_a_constant_have_no_p(x, y):
    assert pitman_morgan([float(value) for value in x], [float(value) for value in y]) is None
    assert pitman_morgan([value + 0.1 for value in x], [value + 1 / 3 for value in y]) is None, "but for rounding"
