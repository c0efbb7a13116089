"""Claims of a spread: which of two arms is steadier over subsets."""

import math
from statistics import median

import numpy as np
import pytest

from aeaug.report.page import effect, evidence_text
from aeaug.report.statistics.spread import deviations
from aeaug.report.verdict.simulation import SpreadScenario, outcomes
from aeaug.report.verdict.verdict import verdicts
from tests.report.synthetic import CLAIM, experiment

STEADIER = CLAIM | {"of": "spread", "smallest_effect": 0.02}


def only(arms, *claims, **options):
    (verdict,) = verdicts(experiment(arms, claims or (STEADIER,), **options))
    return verdict


def planted(ratio, shift=0.0, pairs=12, noise=0.0, seed=0):
    """FD by arm: the treatment's log FD is further from its median by `ratio`, elsewhere by `shift`."""
    rng = np.random.default_rng(seed)
    logs = rng.normal(0, 0.3, pairs)
    own = rng.normal(0, noise, pairs) if noise else 0.0
    treatment = np.median(logs) + ratio * (logs - np.median(logs)) + shift + own
    return {"none": (40 * np.exp(logs)).tolist(), "append": (40 * np.exp(treatment)).tolist()}, logs


@pytest.mark.parametrize("values", [[3.0], [1.0, 4.0], [5.0, 1.0, 2.0, 9.0, 9.0]])
def test_deviations_do_not_feel_a_shift_and_scale_with_their_values(values):
    found = deviations(dict(enumerate(values)))
    assert list(found.values()) == [abs(value - median(values)) for value in values]
    assert deviations({unit: 7 - 2 * value for unit, value in enumerate(values)}) == {
        unit: pytest.approx(2 * one) for unit, one in found.items()
    }
    assert deviations({}) == {}


@pytest.mark.parametrize("ratio", [0.25, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("shift", [-0.4, 0.0, 1.0])
def test_a_known_factor_is_found_whatever_the_shift(ratio, shift):
    arms, logs = planted(ratio, shift)
    verdict = only(arms)
    expected = (ratio - 1) * np.abs(logs - np.median(logs))
    assert verdict.measured.differences == pytest.approx(expected, abs=1e-12)
    assert verdict.measured.mean == pytest.approx((ratio - 1) * np.mean(np.abs(logs - np.median(logs))), abs=1e-12)
    assert verdict.outcome == {True: "supported", False: "refuted"}[ratio < 1] if ratio != 1 else "no effect"
    assert verdict.sizes[0].finding == ""


def test_what_moves_the_centre_alone_is_no_effect_on_the_spread():
    arms, _ = planted(1.0, shift=0.5, noise=0.01)
    assert only(arms).outcome == "no effect"
    assert only(arms, CLAIM).outcome == "refuted"


def test_effects_and_words_are_in_deviations_and_not_in_percent():
    verdict = only(planted(0.3)[0])
    assert verdict.claim.bounds == (-0.02, 0.02)
    assert evidence_text(verdict).startswith("spread of FD over subsets −0.")
    assert "%" not in evidence_text(verdict) + verdict.reason + effect(verdict.measured, verdict.claim)
    assert verdict.reason.endswith("on average by 0.02 or more")
    by_seed = only({500: planted(0.3)[0]}, keys=[(0, seed) for seed in range(12)], shared=[500])
    assert evidence_text(by_seed).startswith("spread of FD over initialisations −0.")
    assert by_seed.outcome == "supported"
    flat = only({"none": [40.0] * 8, "append": [30.0] * 8})
    alike = "both arms deviate equally in every pair, and if there is a difference, it is smaller than 0.02"
    assert (flat.outcome, flat.reason) == ("no effect", alike)


def test_the_initialisations_of_a_subset_are_averaged_before_they_deviate():
    """Seeds that differ much within a subset, in opposite directions, leave its value where it is."""
    subsets = np.random.default_rng(0).normal(0, 0.3, 8)
    keys = [(subset, seed) for subset in range(8) for seed in range(2)]
    of_subset, wide = np.repeat(subsets, 2), np.tile([-0.8, 0.8], 8)
    arms = {"none": (40 * np.exp(of_subset)).tolist(), "append": (40 * np.exp(0.5 * of_subset + wide)).tolist()}
    verdict = only(arms, keys=keys)
    assert verdict.pairs == 8
    assert verdict.measured.differences == pytest.approx(-0.5 * np.abs(subsets - np.median(subsets)), abs=1e-12)
    assert verdict.facts == ("8 subsets, 16 pairs: the value of a subset is the mean of its initialisations",)


def test_sizes_have_medians_of_their_own_and_a_unit_the_mean_of_its_sizes():
    (small, one), (large, other) = planted(0.5, seed=1), planted(0.8, shift=0.3, seed=2)
    verdict = only({100: small, 500: {arm: [value / 5 for value in row] for arm, row in large.items()}})
    parts = [-0.5 * np.abs(one - np.median(one)), -0.2 * np.abs(other - np.median(other))]
    assert verdict.measured.differences == pytest.approx(np.mean(parts, axis=0), abs=1e-12)
    assert verdict.sizes[1].measured.differences == pytest.approx(parts[1], abs=1e-12)


def test_pairs_that_lack_a_run_move_no_median():
    arms, logs = planted(0.5)
    rest = np.delete(logs, 3)
    arms["append"][3] = "running"
    found = only(arms).sizes[0].found
    assert len(found.measured) == 11
    shrunk = np.median(logs) + 0.5 * (rest - np.median(logs))
    assert list(found.measured.values()) == pytest.approx(
        np.abs(shrunk - np.median(shrunk)) - np.abs(rest - np.median(rest)), abs=1e-12
    )


def test_a_diverged_run_may_deviate_as_far_as_any_that_was_measured():
    arms, logs = planted(0.5, pairs=10)
    arms["append"][0] = "diverged"
    found = only(arms).sizes[0].found
    rest = logs[1:]
    assert found.diverged == ((0, 0),)
    assert found.reach == pytest.approx(np.abs(rest - np.median(rest)).max())
    assert found.reach > max(map(abs, found.measured.values()))
    arms["append"][1:4] = ["diverged"] * 3
    assert only(arms).outcome == "inconclusive"


def test_the_other_reading_is_a_mark_of_its_spread():
    rng = np.random.default_rng(3)
    logs = rng.normal(0, 0.3, 8)
    both = ("end", "classifier"), ("best", "classifier")

    def entries(end, best):
        return [{both[0]: 40 * math.exp(end * x), both[1]: 30 * math.exp(best * x)} for x in logs]

    verdict = only({"none": entries(1.0, 1.0), "append": entries(0.5, 1.5)})
    (mark,) = verdict.marks
    assert (mark.name, mark.agrees) == ("best validation FD (oracle stopping)", False)
    assert verdict.sizes[0].finding == "", "kinds of help are of a centre"
    assert mark.paired.mean == pytest.approx(-verdict.measured.mean)


def test_equal_spreads_beside_a_shift_are_told_apart_no_more_often_than_is_allowed():
    """A small version of `scripts/simulate_verdicts.py --of spread`: 3.5% of 4,000 there."""
    found = outcomes(SpreadScenario("normal", [0.0], 0.01, 12), 150)
    assert sum(one in ("supported", "refuted") for (one,) in found) <= 14  # P(more), were it 5%, < 2%
    wide = outcomes(SpreadScenario("normal", [math.log(4)], 0.01, 12), 40)
    assert sum(one == "supported" for (one,) in wide) >= 30
