"""Claims of a trend: whether an effect changes with the size of the training set, and where it ends."""

import math

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.stats import linregress

from aeaug.report.page import evidence_text, size_text
from aeaug.report.statistics.exact_test import sign_flip
from aeaug.report.statistics.trend import _bend, _set_text, crossing_text, slope_weights, slopes
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import Claim
from tests.report.synthetic import CLAIM, experiment

SIZES = (100, 500, 2000)
FADES = CLAIM | {"of": "trend", "direction": "higher", "sizes": list(SIZES), "smallest_effect": 0.1}


def only(arms, **options):
    (verdict,) = verdicts(experiment(arms, (FADES,), **options))
    return verdict


def planted(effects, pairs=12, noise=0.03, seed=0):
    """FD by size and arm: log ratio of treatment to control is the size's effect, and noise."""
    rng = np.random.default_rng(seed)
    found, logs = {}, {}
    for size, mean in zip(SIZES, effects, strict=True):
        logs[size] = mean + rng.normal(0, noise, pairs)
        base = rng.normal(6, 0.2, pairs)
        found[size] = {"none": np.exp(base).tolist(), "append": np.exp(base + logs[size]).tolist()}
    return found, logs


@pytest.mark.parametrize("sizes", [(100, 1000), (100, 500, 2000), (10, 20, 1000, 60000)])
def test_slopes_are_those_of_least_squares(sizes):
    drawn = np.random.default_rng(len(sizes)).normal(size=(len(sizes), 5))
    found = slopes(sizes, [dict(enumerate(row)) for row in drawn])
    expected = {unit: linregress(np.log10(sizes), drawn[:, unit]).slope for unit in range(5)}
    assert found == {unit: pytest.approx(slope, abs=1e-12) for unit, slope in expected.items()}
    assert math.fsum(slope_weights(sizes)) == pytest.approx(0, abs=1e-12)


def test_two_sizes_a_tenfold_apart_have_the_difference_of_their_effects():
    assert slopes((50, 500), [{0: 1.0, 1: 2.0, 2: 5.0}, {0: 4.0, 1: 1.0}]) == {
        0: pytest.approx(3.0),
        1: pytest.approx(-1.0),
    }
    assert slopes((50,), [{0: 1.0}]) == {}


def test_help_that_fades_is_supported_and_help_that_stays_is_no_trend():
    arms, logs = planted((-0.3, -0.1, 0.0))
    verdict = only(arms)
    of_units = np.array(slope_weights(SIZES)) @ np.array([logs[size] for size in SIZES])
    assert verdict.measured.differences == pytest.approx(of_units, abs=1e-12)
    assert verdict.outcome == "supported"
    assert only(planted((-0.3, -0.3, -0.3))[0]).outcome == "no effect"
    assert only(planted((0.0, -0.1, -0.3))[0]).outcome == "refuted"


def test_sizes_beneath_a_trend_have_their_effects_and_no_verdict():
    arms, logs = planted((-0.3, -0.1, 0.0))
    verdict = only(arms)
    assert [size.outcome for size in verdict.sizes] == [None] * 3
    for size in verdict.sizes:
        assert size.measured.mean == pytest.approx(logs[size.group.n_train].mean(), abs=1e-12)
        assert size_text(size).startswith(f"{size.group.size} images: FD ")
        assert "tenfold" not in size_text(size), "at one size it is no slope"
    assert evidence_text(verdict).startswith("FD per tenfold images +")


def test_diverged_pairs_are_placed_so_that_the_slope_is_at_its_ends():
    """Lost at the smallest size, the slope is highest where the effect there is lowest."""
    arms, logs = planted((-0.3, -0.1, 0.0), pairs=8)
    arms[100]["append"][0] = "diverged"
    arms[2000]["append"][0] = "diverged"
    verdict = only(arms)
    reach = verdict.sizes[0].found.reach
    weights = slope_weights(SIZES)
    low = weights[0] * reach + weights[1] * logs[500][0] - weights[2] * reach
    high = -weights[0] * reach + weights[1] * logs[500][0] + weights[2] * reach
    assert verdict.ends.low.differences[0] == pytest.approx(low, abs=1e-12)
    assert verdict.ends.high.differences[0] == pytest.approx(high, abs=1e-12)
    assert low < high
    assert len(verdict.measured.seeds) == 7


@pytest.mark.parametrize("at", [100, 1000])
def test_of_two_sizes_as_well(at):
    """The slope of a lost pair is the difference of two sizes a tenfold apart, and may be off by the reach."""
    arms = {size: {"none": [40.0] * 8, "append": [40 * change] * 8} for size, change in ((100, 0.7), (1000, 0.9))}
    arms[at]["append"][0] = "diverged"
    (verdict,) = verdicts(experiment(arms, (FADES | {"sizes": [100, 1000]},)))
    reach, sign = verdict.sizes[0].found.reach, 1 if at == 1000 else -1
    measured = math.log(0.7) if at == 1000 else math.log(0.9)
    assert verdict.ends.low.differences[0] == pytest.approx(-reach - sign * measured)
    assert verdict.ends.high.differences[0] == pytest.approx(reach - sign * measured)


def test_the_fitted_effect_crosses_zero_where_it_was_planted():
    rng = np.random.default_rng(1)
    at = math.log10(400)
    units = [{u: 0.3 * (math.log10(n) - at) + rng.normal(0, 0.02) for u in range(12)} for n in SIZES]
    text = crossing_text(SIZES, units)
    mean = [np.mean(list(size.values())) for size in units]
    line = linregress(np.log10(SIZES), mean)
    crossing = 10 ** (-line.intercept / line.slope)
    assert abs(crossing - 400) < 40
    assert text.startswith(f"the fitted effect is 0 at {float(f'{crossing:.2g}'):.0f} images; at 95% it may be from ")
    low, high = (float(word.replace(",", "")) for word in text.split("from ")[1].removesuffix(" images").split(" to "))
    assert low < 400 < high

    def p(n):
        x, centre = math.log10(n), np.mean(np.log10(SIZES))
        slope = slopes(SIZES, units)
        return sign_flip([np.mean([size[u] for size in units]) + slope[u] * (x - centre) for u in range(12)])

    # The ends of the set are where the test begins to reject, as far as two digits and 200 steps tell.
    assert p(0.94 * low) <= 0.05 < p(1.06 * low)
    assert p(1.06 * high) <= 0.05 < p(0.94 * high)


def test_what_never_crosses_is_said_to_cross_nowhere_and_what_is_nothing_anywhere():
    rng = np.random.default_rng(2)
    far = [{u: -1.0 + rng.normal(0, 0.02) for u in range(8)} for _ in SIZES]
    assert crossing_text(SIZES, far) == (
        "the fitted effect is 0 nowhere between 100 and 2,000 images; at 95% it may be nowhere between 100 and 2,000 "
        "images"
    )
    signs = [(-1) ** u for u in range(8)]
    nothing = [{u: 0.1 * sign for u, sign in enumerate(signs)} for _ in SIZES]
    assert crossing_text(SIZES, nothing).endswith("at 95% it may be anywhere between 100 and 2,000 images")
    few = [{u: 0.1 * u for u in range(5)} for _ in SIZES]
    assert crossing_text(SIZES, few) == ""
    late = [{u: mean + rng.normal(0, 0.02) for u in range(8)} for mean in (-0.6, -0.3, 0.0)]
    assert crossing_text(SIZES, late).endswith(" on")


def test_an_effect_that_ends_at_the_largest_size_ends_within_the_sizes():
    text = crossing_text((10, 100), [{u: -1.0 - u for u in range(6)}, dict.fromkeys(range(6), 0.0)])
    assert text.startswith("the fitted effect is 0 at 100 images; ")


def test_one_that_begins_at_the_smallest_size_does_so_within_them():
    text = crossing_text((10, 100), [dict.fromkeys(range(6), 0.0), {u: -1.0 - u for u in range(6)}])
    assert text.startswith("the fitted effect is 0 at 10 images; ")


@pytest.mark.parametrize("means", [(-0.1, -0.09, 0.5), (-0.3, 0.0, 0.3)])
def test_units_that_lack_a_size_say_nothing_of_where_an_effect_ends(means):
    rng = np.random.default_rng(4)
    units = [{u: mean + rng.normal(0, 0.02) for u in range(12)} for mean in means]
    more = [{**units[0], 12: 9.0}, {**units[1], 12: 9.0, 13: -9.0}, {**units[2], 13: -9.0}]
    assert crossing_text(SIZES, more) == crossing_text(SIZES, units) != ""


def test_where_an_effect_may_end_a_single_step_that_is_left_out_parts_what_is_said():
    grid = np.log10([100, 200, 300, 400, 500])
    assert _set_text(grid, [0, 1, 3, 4], "") == "up to 200 and from 400 on"
    assert _set_text(grid, [0, 2, 4], "") == "up to 100 and from 300 to 300 and from 500 on"


def test_where_the_effect_bends_no_line_says_where_it_ends():
    rng = np.random.default_rng(3)
    bent = [{u: mean + rng.normal(0, 0.02) for u in range(12)} for mean in (-0.1, -0.09, 0.5)]
    assert crossing_text(SIZES, bent) == (
        "no straight line, p = 0.00049: the mean effect changes sign between 500 and 2,000 images"
    )
    assert crossing_text(SIZES, [{u: value - 1 for u, value in size.items()} for size in bent]).endswith(
        "it has one sign at all sizes"
    )
    six = [{u: 0.1 * (u + 1) * math.log10(n) ** 2 - 0.3 for u in range(6)} for n in SIZES]
    assert crossing_text(SIZES, six).startswith("no straight line, p = 0.031: "), "2 / 64, at 5%"
    assert "line" not in crossing_text(SIZES[:1] + SIZES[2:], bent[:1] + bent[2:]), "two sizes are on one"


def test_a_bend_is_the_quadratic_part_alone():
    """Weights of the orthogonal polynomial: 0 for every line, and for a parabola its coefficient times a constant."""
    x = np.log10((100, 400, 900, 2000))
    lines = [{u: 2.0 * u - 0.5 * (u - 3) * at for u in range(7)} for at in x]
    assert _bend(list(x), lines) == 1, "all bends are 0"
    signs = [1, 1, 1, 1, -1, 1, 1]
    bends = [
        {u: line[u] + 0.1 * sign * (u + 1) * at**2 for u, sign in enumerate(signs)}
        for line, at in zip(lines, x, strict=True)
    ]
    assert _bend(list(x), bends) == pytest.approx(sign_flip([sign * (u + 1) for u, sign in enumerate(signs)]))


def test_the_verdict_says_where_the_effect_ends():
    verdict = only(planted((-0.3, -0.139, 0.0))[0])
    assert any(fact.startswith("the fitted effect is 0 ") for fact in verdict.facts)
    (mean,) = verdicts(experiment(planted((-0.3, -0.1, 0.0))[0], (CLAIM | {"sizes": list(SIZES)},)))
    assert not any("fitted" in fact for fact in mean.facts)


def test_a_size_without_runs_leaves_a_trend_undecided():
    arms, _ = planted((-0.3, -0.1, 0.0))
    del arms[2000]
    verdict = only(arms)
    assert (verdict.outcome, verdict.reason) == ("inconclusive", "no runs at 2,000 images")
    del arms[500]
    assert only(arms).measured is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sizes": [100]}, "claims.sizes="),
        ({"sizes": None}, "claims.sizes=null"),
        ({"sizes": [100, None]}, "claims.sizes="),
        ({"metric": "diverged"}, "claims.of=trend: diverged"),
    ],
)
def test_a_trend_wants_sizes_and_something_that_differs(changes, words):
    with pytest.raises(ValidationError, match=words.replace(".", r"\.")):
        Claim(**(FADES | changes))
