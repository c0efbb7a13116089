import numpy as np
import pytest

from aeaug.report.statistics import (
    MINIMUM_PAIRS,
    equivalence,
    holm,
    interval,
    of_differences,
    paired,
    sign_flip,
)


def test_sign_flip_is_exact_when_all_pairs_agree() -> None:
    # Of the 2^n sign patterns only the observed one and its mirror are as extreme.
    for n in (2, 6, 10):
        differences = np.linspace(0.1, 0.4, n)
        assert sign_flip(differences) == pytest.approx(2 / 2**n)
        assert sign_flip(-differences) == pytest.approx(2 / 2**n)


def test_sign_flip_counts_patterns_by_hand() -> None:
    # Sums of (±1 ±2 ±3) are 6, 4, 2, 0, 0, -2, -4, -6; two of eight reach 4 from above: p = 2 · 2/8.
    assert sign_flip([-1.0, 2.0, 3.0]) == pytest.approx(0.5)
    assert sign_flip([1.0, -1.0, 2.0, -2.0]) == pytest.approx(1.0)


def test_sign_flip_holds_its_level_under_the_null() -> None:
    rng = np.random.default_rng(0)
    rejected = np.mean([sign_flip(rng.normal(size=8)) <= 0.05 for _ in range(400)])
    # The exact level of 256 patterns is 12/256 = 0.047, three standard errors of 400 draws 0.032.
    assert 0.015 < rejected < 0.08


def test_interval_finds_a_planted_effect_and_brackets_the_median() -> None:
    differences = np.log(0.8) + np.random.default_rng(1).normal(0, 0.05, 12)
    low, high = interval(differences)
    assert differences.min() <= low <= np.median(differences) <= high <= differences.max()
    assert high < 0
    assert low == pytest.approx(np.log(0.8), abs=0.1)
    assert interval(differences) == (low, high)


def test_interval_covers_a_null_effect_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(60):
        low, high = interval(rng.normal(0, 0.1, 10))
        covered.append(low <= 0 <= high)
    assert np.mean(covered) > 0.85


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.6 times 4, 3, 2, 1, made monotone: 0.04, 0.06, 0.06, 0.6.
    assert holm([0.03, 0.01, 0.6, 0.02]) == pytest.approx([0.06, 0.04, 0.6, 0.06])
    assert holm([0.7, 0.8]) == [1.0, 1.0]
    assert holm([0.03]) == [0.03]
    assert holm([]) == []
    assert holm([None, 0.03, None, 0.01]) == [None, 0.03, None, 0.02]


def test_holm_is_never_smaller_than_p_and_never_larger_than_bonferroni() -> None:
    p = np.random.default_rng(3).uniform(0, 0.5, 20)
    adjusted = np.array(holm(p))
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(1, 20 * p) + 1e-12).all()
    assert (np.argsort(adjusted, kind="stable")[0], adjusted.min()) == (
        np.argmin(p),
        pytest.approx(20 * p.min()),
    )


def test_paired_uses_only_shared_seeds_and_takes_treatment_minus_control() -> None:
    result = paired({0: 3.0, 1: 5.0, 4: 9.0}, {1: 4.0, 0: 1.0, 7: 0.0})
    assert result is not None
    assert (result.seeds, result.differences, result.median) == ((0, 1), (2.0, 1.0), 1.5)
    assert paired({0: 1.0}, {1: 1.0}) is None


def test_paired_is_blind_to_what_a_seed_does_to_both_arms() -> None:
    rng = np.random.default_rng(4)
    seeds = dict(enumerate(rng.normal(0, 10, 8)))
    effect = {seed: -0.2 + noise for seed, noise in zip(seeds, rng.normal(0, 0.01, 8), strict=True)}
    shifted = paired({seed: seeds[seed] + effect[seed] for seed in seeds}, seeds)
    plain = paired(effect, dict.fromkeys(seeds, 0.0))
    assert shifted is not None
    assert plain is not None
    assert shifted.differences == pytest.approx(plain.differences)
    assert shifted.p == plain.p == pytest.approx(2 / 2**8)


@pytest.mark.parametrize("n", [1, 3, MINIMUM_PAIRS - 1])
def test_too_few_pairs_get_neither_interval_nor_p(n: int) -> None:
    result = paired(dict.fromkeys(range(n), -1.0), dict.fromkeys(range(n), 0.0))
    assert result is not None
    assert (result.interval, result.p, result.p_holm, result.enough) == (None, None, None, False)
    assert result.median == -1.0


def test_six_pairs_are_enough_for_five_percent_and_five_are_not() -> None:
    assert sign_flip(np.ones(5)) > 0.05 > sign_flip(np.ones(6))
    result = paired({seed: -1.0 - seed / 100 for seed in range(6)}, dict.fromkeys(range(6), 0.0))
    assert result is not None
    assert result.p == pytest.approx(1 / 32)
    assert result.interval is not None
    assert result.interval[1] < 0


def test_holm_leaves_out_what_was_not_tested() -> None:
    assert holm([1 / 32, None, 1 / 32]) == pytest.approx([1 / 16, None, 1 / 16])
    assert holm([None, None]) == [None, None]


def test_one_sided_sign_flips_by_hand() -> None:
    # Sums of (±1 ±2 ±3) are 6, 4, 2, 0, 0, -2, -4, -6: two of eight reach 4 from above, seven from below.
    assert sign_flip([-1.0, 2.0, 3.0], "greater") == pytest.approx(2 / 8)
    assert sign_flip([-1.0, 2.0, 3.0], "less") == pytest.approx(7 / 8)
    assert sign_flip([1.0, -2.0, -3.0], "less") == pytest.approx(2 / 8)


def test_equivalence_is_shown_only_inside_both_ends() -> None:
    near = np.linspace(-0.01, 0.01, 8).tolist()
    assert equivalence(near, -0.1, 0.1) == pytest.approx(2**-8)
    # What lies beside the bounds, on either side, or spreads over both, is not equivalent.
    assert equivalence([value + 0.1 for value in near], -0.1, 0.1) >= 0.5
    assert equivalence([value - 0.1 for value in near], -0.1, 0.1) >= 0.5
    assert equivalence([30 * value for value in near], -0.1, 0.1) > 0.05


def test_differences_by_seed_are_what_paired_makes_of_two_arms() -> None:
    treatment, control = {3: 1.0, 1: 4.0, 7: 2.0}, {1: 1.5, 3: 3.0, 8: 0.0}
    assert of_differences({3: -2.0, 1: 2.5}) == paired(treatment, control)
    assert of_differences({}) is None
