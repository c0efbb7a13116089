"""The sign-flip test, its inversion and the correction for many tests, against brute force and scipy."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from aeaug.report.statistics.exact_test import (
    RANDOM_SUBSETS,
    equivalence,
    greater,
    holm,
    holm_of_exclusive,
    interval,
    least_of_several,
    less,
    of_differences,
    sign_flip,
    subset_means,
    variance_components,
)


def flips(differences, theta):
    """All 2^n flipped sums of the differences from theta, and the one that was seen, without rounding."""
    whole = [Fraction(d) - Fraction(theta) for d in differences]
    sums = [
        sum(s * d for s, d in zip(signs, whole, strict=True)) for signs in itertools.product((1, -1), repeat=len(whole))
    ]
    return sums, sum(whole)


def samples(count, seed=0):
    """Sets of up to eight differences on a coarse grid, where ties, zeros and equal means abound, and a centre."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield (rng.integers(-20, 21, rng.integers(1, 9)) / 8).tolist(), int(rng.integers(-20, 21)) / 8


def test_p_values_count_the_flipped_sums():
    for differences, theta in samples(150):
        sums, seen = flips(differences, theta)
        assert greater(differences, theta) == sum(s >= seen for s in sums) / len(sums)
        assert less(differences, theta) == sum(s <= seen for s in sums) / len(sums)
        assert sign_flip(differences, theta) == sum(abs(s) >= abs(seen) for s in sums) / len(sums)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_the_interval_holds_exactly_what_the_test_does_not_reject(confidence):
    for differences, elsewhere in samples(60, seed=1):
        low, high = interval(differences, confidence)
        ends = [end for end in (low, high) if math.isfinite(end)]
        for theta in (elsewhere, 0.0, *ends, *subset_means(tuple(differences)).tolist()):
            assert (low <= theta <= high) == (sign_flip(differences, theta) > 1 - confidence + 1e-12)


def test_the_test_is_that_of_scipy():
    rng = np.random.default_rng(0)
    for n in (6, 9, 12):
        sample = rng.normal(0.4, 1, n)
        for alternative, ours in (("two-sided", sign_flip), ("greater", greater), ("less", less)):
            found = stats.permutation_test(
                (sample,),
                np.mean,
                permutation_type="samples",
                n_resamples=2**14,
                alternative=alternative,
                vectorized=True,
            )
            assert ours(sample) == pytest.approx(found.pvalue, abs=1e-12)


def test_ends_of_six_agreeing_pairs_are_the_smallest_and_the_largest():
    differences = [0.3, 0.1, 0.2, 0.5, 0.4, 0.6]
    assert interval(differences) == pytest.approx((0.1, 0.6))
    assert sign_flip(differences) == 2 / 64 < 0.05 < sign_flip(differences[:5])
    assert interval(differences[:5]) == (-math.inf, math.inf)


def test_equal_differences_are_known_exactly():
    assert interval([0.25] * 7) == (0.25, 0.25)
    assert (greater([0.25] * 7), sign_flip([0.25] * 7, 0.25)) == (1 / 128, 1.0)
    assert interval([0.0] * 7) == (0.0, 0.0)
    assert sign_flip([0.0] * 7) == 1.0
    assert equivalence([0.0] * 7, -0.1, 0.1) == 1 / 128
    assert equivalence([0.1] * 7, -0.1, 0.1) == 1.0  # exactly what matters is not less
    # The step is 2^-38 of 1/8, so 4.5e-13.
    assert sign_flip([0.1 + 1e-13] * 7, 0.1) == 1.0
    assert sign_flip([0.1 + 1e-12] * 7, 0.1) == 2 / 128


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1.0, 1e9, 1e200])
def test_neither_scale_nor_sign_nor_order_matters(scale):
    sample = np.random.default_rng(1).normal(0.3, 1, 9)
    low, high = interval(sample)
    assert sign_flip(scale * sample) == sign_flip(sample) == sign_flip(-sample[::-1])
    assert interval(scale * sample) == pytest.approx((scale * low, scale * high))
    assert interval(-sample) == pytest.approx((-high, -low))
    assert interval(sample + 5) == pytest.approx((low + 5, high + 5), abs=1e-9)


def test_all_grow_with_each_difference():
    rng = np.random.default_rng(2)
    for differences, _ in samples(60, seed=2):
        more = [value + rng.integers(0, 9) / 8 for value in differences]
        assert greater(more) <= greater(differences)
        assert less(more) >= less(differences)
        assert all(new >= old for new, old in zip(interval(more, 0.5), interval(differences, 0.5), strict=True))


@pytest.mark.parametrize(("n", "subsets"), [(13, 2**13), (16, 2**16), (17, 2**16), (256, 2**16), (257, 2**12)])
def test_up_to_sixteen_units_all_subsets_count_and_beyond_256_there_are_fewer(n, subsets):
    differences = tuple(map(float, range(1, n + 1)))
    assert len(subset_means(differences)) == subsets - 1
    assert sign_flip(differences) == 2 / subsets


@pytest.mark.parametrize("n", [17, 20, 40])
def test_random_subsets_come_near_what_all_would_say(n):
    sample = np.random.default_rng(n).normal(0.3, 1, n)
    means = subset_means(tuple(sample.tolist()))
    assert len(means) == RANDOM_SUBSETS
    # With n units the sign-flip test is nearly Student's t; the counts have a standard error of at most 0.002.
    assert sign_flip(sample) == pytest.approx(stats.ttest_1samp(sample, 0).pvalue, abs=0.02)
    low, high = interval(sample)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, n - 1, sample.mean(), stats.sem(sample)), abs=0.06)
    for theta in np.linspace(low - 0.1, high + 0.1, 21):
        assert (low <= theta <= high) == (sign_flip(sample, theta) > 0.05)


def test_random_subsets_of_seventeen_are_a_sample_of_all():
    sample = np.random.default_rng(5).normal(0.35, 1, 17)
    numbers = np.arange(1, 2**17)
    members = ((numbers[:, None] >> np.arange(17)) & 1).astype(float)
    every = (members @ sample) / members.sum(axis=1)
    for theta in (-0.2, 0.0, 0.3):
        share = (1 + (every <= theta).sum()) / 2**17
        # Half of all subsets, drawn without replacement: four standard errors.
        assert greater(sample, theta) == pytest.approx(
            share, abs=4 * math.sqrt(share * (1 - share) / 2 / RANDOM_SUBSETS)
        )


@pytest.mark.parametrize("n", [7, 18])
def test_intervals_cover_as_often_as_they_say(n):
    rng = np.random.default_rng(n)
    repetitions = 400 if n == 7 else 60
    covered = 0
    for sample in rng.standard_t(3, (repetitions, n)):
        low, high = interval(sample + 1.5)
        covered += low <= 1.5 <= high
    assert stats.binomtest(covered, repetitions, 0.95, alternative="less").pvalue > 0.01
    assert covered < repetitions


def test_of_several_readings_the_flips_count_of_which_one_reaches_as_far_down():
    """Of six units that agree only the pattern that was seen, and where one reading is another's mirror image also the
    one of all flips; of a single reading those that the one-sided test counts."""
    assert least_of_several(np.full((6, 1), -1.0)) == 1 / 64
    assert least_of_several(np.tile([-1.0, 1.0], (6, 1))) == 2 / 64
    assert least_of_several(np.full((6, 2), 1.0)) == 1
    for differences, _ in samples(60, seed=3):
        if len(differences) >= 6:
            assert least_of_several(np.array(differences)[:, None]) == less(differences)


def test_of_several_readings_the_units_mean_nothing():
    for seed in range(5):
        differences = np.random.default_rng(seed).normal(-0.3, 1, (8, 3))
        assert least_of_several(differences * [1, 1_000, 0.001]) == least_of_several(differences)


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.6 times 4, 3, 2, 1, made monotone: 0.04, 0.06, 0.06, 0.6.
    assert holm([0.03, 0.01, 0.6, 0.02]) == pytest.approx([0.06, 0.04, 0.6, 0.06])
    assert holm([0.7, 0.8]) == [1.0, 1.0]
    assert holm([0.03]) == [0.03]
    assert holm([]) == []
    assert holm([None, 0.03, None, 0.01]) == [None, 0.03, None, 0.02]
    assert holm([None, None]) == [None, None]


def test_two_nulls_a_question_by_hand():
    assert holm_of_exclusive([]) == []
    assert holm_of_exclusive([None, (0.03, 0.9)]) == [None, (0.03, 0.9)]
    # Three questions count until one of them has both of its nulls rejected: then two.
    found = holm_of_exclusive([(0.01, 0.012), (0.02, 0.9), (0.5, 0.018)])
    assert found[0] == pytest.approx((0.03, 0.036))
    assert (found[1][0], found[2][1]) == pytest.approx((0.04, 0.036))  # 2 x 0.02, 2 x 0.018 made monotone
    assert (found[1][1], found[2][0]) == (1.0, 1.0)


def test_two_nulls_a_question_are_corrected_no_more_than_twice_as_many_tests_would_be():
    rng = np.random.default_rng(3)
    for _ in range(50):
        pairs = [tuple(pair) for pair in rng.uniform(0, 0.3, (6, 2)).tolist()]
        flat = holm([p for pair in pairs for p in pair])
        for one, other, raw in zip(
            itertools.chain(*holm_of_exclusive(pairs)), flat, itertools.chain(*pairs), strict=True
        ):
            assert raw <= one <= other + 1e-12


def test_one_in_twenty_families_has_an_error_whatever_is_true():
    """Where half of the questions are decided rightly, as differences, and stand on the edge of what matters."""

    def above(z):
        return math.erfc(z / math.sqrt(2)) / 2

    rng = np.random.default_rng(4)
    repetitions, m = 6000, 2
    edge = 3.2
    wrong = naive = 0
    for _ in range(repetitions):
        z = rng.normal(size=m) + np.array([edge, 0.0])  # of the first E is true, of the second D
        p = [(2 * above(abs(value)), max(above(value + edge), above(edge - value))) for value in z.tolist()]
        adjusted = holm_of_exclusive(p)
        wrong += adjusted[0][1] <= 0.05 or adjusted[1][0] <= 0.05
        least = holm([min(pair) for pair in p])
        naive += any(
            q <= 0.05 and pair.index(min(pair)) == true for q, pair, true in zip(least, p, (1, 0), strict=True)
        )
    assert stats.binomtest(wrong, repetitions, 0.05, alternative="greater").pvalue > 0.01
    # Why a claim is no single member by its smaller p-value.
    assert stats.binomtest(naive, repetitions, 0.05, alternative="greater").pvalue < 0.01


def test_variance_components_are_those_that_were_planted():
    rng = np.random.default_rng(6)
    groups = rng.normal(0, 2, (4000, 1)) + rng.normal(0, 1, (4000, 3))
    assert variance_components(groups.tolist()) == pytest.approx((4, 1), rel=0.1)
    unequal = [group[: 1 + place % 3].tolist() for place, group in enumerate(groups)]
    assert variance_components(unequal) == pytest.approx((4, 1), rel=0.15)
    assert variance_components(rng.normal(0, 1, (2000, 3)).tolist()) == pytest.approx((0, 1), abs=0.1)


def test_variance_components_by_hand_and_none_where_nothing_is_crossed():
    # Means 1 and 4 around 2.5: MS_b = 2 * (1.5² + 1.5²) = 9, MS_w = (0.5 + 0.5) / 2, n_0 = 2.
    assert variance_components([[0.5, 1.5], [3.5, 4.5]]) == pytest.approx(((9 - 0.5) / 2, 0.5))
    # Of two and one, means 1 and 4 around 2: MS_b = 2 * 1² + 1 * 2² = 6, MS_w = 2, n_0 = 3 - 5 / 3.
    assert variance_components([[0.0, 2.0], [4.0]]) == pytest.approx(((6 - 2) / (4 / 3), 2))
    # Equal means: MS_b = 0 is less than MS_w = 1, and no variance is negative.
    assert variance_components([[0.0, 2.0], [1.0, 1.0]]) == (0, 1)
    assert variance_components([[1.0], [2.0]]) is None
    assert variance_components([[1.0, 2.0]]) is None


@pytest.mark.parametrize("n", [1, 3, 5])
def test_too_few_units_get_neither_interval_nor_p(n: int) -> None:
    result = of_differences(dict.fromkeys(range(n), -1.0))
    assert result is not None
    assert (result.interval, result.p, result.enough) == (None, None, False)
    assert result.mean == result.median == -1.0


def test_what_is_said_of_differences_comes_from_one_test() -> None:
    result = of_differences({3: -2.0, 1: 2.5, 4: 1.0, 5: 1.5, 9: 0.5, 2: 2.0})
    assert result is not None
    assert (result.seeds, result.differences) == ((1, 2, 3, 4, 5, 9), (2.5, 2.0, -2.0, 1.0, 1.5, 0.5))
    assert (result.mean, result.median) == (pytest.approx(5.5 / 6), 1.25)
    assert result.interval == interval(result.differences)
    assert result.p == sign_flip(result.differences)
    assert result.span == result.interval
    assert of_differences({}) is None
    few = of_differences({0: 3.0, 1: 1.0, 2: 2.0})
    assert few is not None
    assert few.span == (1.0, 3.0)


@pytest.mark.parametrize("side", [-1, 1])
def test_the_side_is_that_of_all_of_the_interval(side: int) -> None:
    """Differences that none contradicts are beyond chance, those of both signs are not, and too few never are."""
    alike = {unit: side * (1.0 + unit / 10) for unit in range(8)}
    assert of_differences(alike).side == side
    assert of_differences({unit: value * (-1) ** unit for unit, value in alike.items()}).side == 0
    assert of_differences({unit: alike[unit] for unit in range(5)}).side == 0
