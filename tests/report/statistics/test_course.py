"""What a comparison comes to over training: flat or not, and which kind of help."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from aeaug.report.results import Results
from aeaug.report.statistics import course as module
from aeaug.report.statistics.course import Course, finding, flat, paired_course, turn
from aeaug.report.statistics.exact_test import interval, of_differences
from aeaug.run.metrics import METRICS
from tests.report.conftest import results

FD = METRICS["frechet_distance"]


def write(write_run, treatment, control=lambda share: 40.0, seeds=7, **changes):
    """Two arms whose validation FD follows these curves of the share of the budget."""
    for seed in range(seeds):
        for variant, injection, curve in (("none", "none", control), ("append", "append", treatment)):
            write_run(variant=variant, injection=injection, seed=seed, curve=curve, samples=False, **changes)


def test_the_paired_change_is_that_of_the_curves_at_every_reading(runs_dir, write_run):
    write(write_run, lambda share: 40 * (0.8 + 0.4 * share))
    found = results(runs_dir)
    (group,) = found.groups
    course = paired_course(found, group, group.arms[1], group.arms[0])
    assert course.images.tolist() == [24_000.0 * n for n in range(1, 11)]
    assert course.change == pytest.approx(np.log(0.8 + 0.4 * course.images / 240_000), abs=0.03)
    assert course.pairs.tolist() == [7] * 10
    assert course.differences.shape == (7, 10)
    assert course.change == pytest.approx(course.differences.mean(axis=0))
    for place in (0, 4, 9):
        band = course.low[place], course.high[place]
        assert band == pytest.approx(interval(course.differences[:, place].tolist()))
    assert course.better_early
    assert course.low[-1] > 0


def test_a_pair_ends_where_one_of_its_runs_does(runs_dir, write_run):
    write(write_run, lambda share: 30.0, seeds=6)
    write_run(variant="append", injection="append", seed=6, state="diverged", samples=False)
    write_run(seed=6, samples=False)
    found = results(runs_dir)
    (group,) = found.groups
    course = paired_course(found, group, group.arms[1], group.arms[0])
    assert course.pairs.tolist() == [7, 7, 7, 7, 7] + [6] * 5  # it ended at three fifths, without a last reading
    assert np.isnan(course.differences[6, 5:]).all()


def test_few_pairs_have_no_band_and_no_pair_no_course(runs_dir, write_run):
    write(write_run, lambda share: 30.0, seeds=3)
    write_run(name="alone", state="running", samples=False)
    write_run(name="alone", variant="append", injection="append", seed=1, samples=False)
    found = results(runs_dir)
    (group,) = found.groups
    course = paired_course(found, group, group.arms[1], group.arms[0])
    assert np.isnan(course.low).all()
    assert not course.better_early
    found = results(runs_dir, "alone")
    (group,) = found.groups
    assert paired_course(found, group, group.arms[1], group.arms[0]) is None
    assert flat(found, group, group.arms[0]) is None  # nothing of it is done


@pytest.mark.parametrize(("rest", "expected"), [(0.02, True), (-0.03, True), (0.08, False), (-0.09, False)])
def test_flat_is_a_change_of_the_median_by_less_than_five_percent_over_the_last_quarter(
    runs_dir, write_run, rest, expected
):
    """At 72% of the budget, the last reading before three quarters of it, 40; at its end `rest` more."""
    write(write_run, lambda share: 40 * (1 + rest * max(0.0, share - 0.7) / 0.3), seeds=9)
    found = results(runs_dir)
    (group,) = found.groups
    assert flat(found, group, group.arms[1]) is expected
    assert flat(found, group, group.arms[0]) is True


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ({50: [40.0], 100: [41.9]}, True),
        ({50: [40.0], 100: [42.1]}, False),
        ({50: [40.0], 75: [42.0], 100: [42.0]}, True),  # at three quarters is no later than that
        ({25: [80.0], 70: [40.0], 100: [40.0]}, True),  # what came before has no part in it
        ({50: [40.0] * 3, 100: [40.0, 40.0, 400.0]}, True),  # one run moves no median
        ({80: [40.0], 100: [40.0]}, False),
        ({50: [40.0], 70: [40.0]}, False),
    ],
    ids=["4.75%", "5.25%", "at 3/4", "before", "median", "none before", "none after"],
)
def test_flat_is_read_off_the_medians_at_three_quarters_of_the_budget_and_at_its_end(monkeypatch, readings, expected):
    monkeypatch.setattr(module, "_curve", lambda *_, **__: pd.DataFrame(readings, columns=sorted(readings)))
    done = SimpleNamespace(state="done", counts={"images": 100.0})
    assert flat(None, None, SimpleNamespace(runs=[done])) is expected


def test_at_the_best_reading_a_run_has_its_lowest_until_then(monkeypatch):
    pairs = pd.MultiIndex.from_tuples([(0, 0), (1, 1)])
    read = {
        "treatment": pd.DataFrame([[40.0, 30.0, 50.0], [20.0, 25.0, 10.0]], pairs, [1.0, 2.0, 3.0]),
        "control": pd.DataFrame([[40.0, 50.0, 40.0]] * 2, pairs, [1.0, 2.0, 3.0]),
    }
    monkeypatch.setattr(module, "_curve", lambda results, group, arm: read[arm.name])
    treatment, control = (SimpleNamespace(name=name, runs=()) for name in ("treatment", "control"))
    found = paired_course(None, None, treatment, control, "best")
    assert found.differences == pytest.approx(np.log([[40, 30, 30], [20, 20, 10]]) - np.log(40), abs=1e-12)


def test_nothing_is_better_early_by_being_looked_at_often():
    """Of bands one by one, a fifth of such curves has one below 0: here one test of all readings errs at 2.5%."""
    rng, reports, rho = np.random.default_rng(0), 400, 0.9
    found, naive = 0, 0
    for _ in range(reports):
        noise = rng.normal(size=(8, 25))
        walk = np.empty_like(noise)
        walk[:, 0] = noise[:, 0]
        for k in range(1, 25):
            walk[:, k] = rho * walk[:, k - 1] + (1 - rho**2) ** 0.5 * noise[:, k]
        course = Course(*[np.zeros(25)] * 5, walk)
        found += course.better_early
        naive += any(interval(walk[:, k].tolist())[1] < 0 for k in range(24))
    assert found / reports <= 0.025 + 3 * (0.025 * 0.975 / reports) ** 0.5
    assert naive / reports > 0.08


def test_what_is_better_early_is_seen_among_readings_that_are_not():
    rng = np.random.default_rng(1)
    differences = rng.normal(0, 0.1, size=(8, 25))
    differences[:, 3:6] -= 0.3
    assert Course(*[np.zeros(25)] * 5, differences).better_early
    assert not Course(*[np.zeros(25)] * 5, -differences).better_early
    assert Course(*[np.zeros(25)] * 5, -differences).worse_early
    assert not Course(*[np.zeros(25)] * 5, differences).worse_early
    assert not Course(*[np.zeros(25)] * 5, differences[:5]).better_early, "five units say nothing"
    differences[2, 4:] = np.nan  # a run that diverged
    assert Course(*[np.zeros(25)] * 5, differences).better_early


def test_the_last_reading_is_not_early():
    differences = np.zeros((8, 5))
    differences[:, -1] = -1.0
    assert not Course(*[np.zeros(5)] * 5, differences).better_early
    assert Course(*[np.zeros(5)] * 5, differences[:, ::-1]).better_early


def test_better_early_is_asked_at_two_and_a_half_percent():
    six = np.tile([-1.0, 1.0, 0.0], (6, 1))
    assert not Course(*[np.zeros(3)] * 5, six).better_early, "p = 2 / 64"
    assert Course(*[np.zeros(3)] * 5, np.tile([-1.0, 1.0, 0.0], (7, 1))).better_early, "p = 2 / 128"


def test_a_curve_that_an_arm_lacks_while_others_have_theirs_is_not_flat(runs_dir, write_run):
    write(write_run, lambda share: 40.0)
    found = results(runs_dir)
    (group,) = found.groups
    table = found.table[~((found.table["arm"] == "append") & found.table["images"].notna())]
    without = Results(table, found.groups, found.families)
    assert flat(without, group, group.arms[1]) is False
    assert flat(without, group, group.arms[0]) is True
    no_curve = Results(found.table[found.table["images"].isna()], found.groups, found.families)
    assert flat(no_curve, group, group.arms[0]) is None


def units(mean, spread=0.01):
    return of_differences(dict(enumerate(mean + spread * np.linspace(-1, 1, 8))))


@pytest.mark.parametrize(
    ("end", "best", "early", "words"),
    [
        (-0.2, -0.2, True, "helps"),
        (-0.2, -0.2, False, "helps"),
        (-0.2, 0.0, False, "only delays overfitting"),
        (-0.2, 0.1, True, "only delays overfitting"),
        (0.2, -0.1, False, "helps early, harms late"),
        (0.2, 0.0, True, "helps early, harms late"),
        (0.2, 0.0, False, "harms by the end"),
        (0.2, 0.1, False, "harms"),
        (0.0, -0.1, False, "helps early"),
        (0.0, 0.0, True, "helps early"),
        (0.0, 0.0, False, ""),
    ],
)
def test_kinds_of_help_are_told_apart(end, best, early, words):
    class Early:
        better_early = early
        worse_early = False

    assert finding(FD, units(end), units(best), Early()) == words
    higher = METRICS["coverage"]
    assert finding(higher, units(-end), units(-best), Early()) == words


@pytest.mark.parametrize("best", [-0.2, 0.0, 0.1])
def test_what_helps_in_the_end_and_harmed_before_says_so_of_fd(best):
    class Early:
        better_early = True
        worse_early = True

    assert finding(FD, units(-0.2), units(best), Early()) == "harms early, helps late"
    assert finding(FD, units(0.2), units(best), Early()).endswith("harms late")
    assert finding(FD, units(0.0), units(best), Early()) != "harms early, helps late"
    coverage = finding(METRICS["coverage"], units(0.2), units(-best), Early())
    assert coverage != "harms early, helps late", "its course is another number's"


def test_a_best_reading_that_is_merely_unsure_is_not_called_delay():
    # At the best reading -0.15, give or take 0.3: neither nothing nor something, and no less than at the end.
    assert finding(FD, units(-0.2), units(-0.15, 0.5), None) == "helps at the end"
    assert finding(FD, units(-0.2), None, None) == ""  # of the end alone there is nothing to tell apart


def test_an_interval_that_ends_at_zero_is_on_no_side():
    to_zero = of_differences(dict(enumerate([-0.5, -0.4, -0.3, -0.2, -0.1, 0.0])))
    assert to_zero.interval[1] == 0
    assert finding(FD, to_zero, to_zero, None) == ""
    below = of_differences(dict(enumerate([-0.5, -0.4, -0.3, -0.2, -0.1, -0.01])))
    assert finding(FD, below, below, None) == "helps"


def test_there_is_no_finding_of_what_has_no_better_side_or_no_images():
    assert finding(METRICS["frechet_gap"], units(-0.2), units(-0.2), None) == ""
    assert finding(METRICS["seconds_gan"], units(-0.2), units(-0.2), None) == ""
    assert finding(FD, None, None, None) == ""


# --- when it turns


def band(change, half):
    """A course with this mean and a band of ``half`` around it."""
    mean = np.array(change, dtype=float)
    images = np.arange(1.0, len(mean) + 1) * 1_000
    return Course(images, mean, mean - half, mean + half, np.full(len(mean), 12), np.tile(mean, (12, 1)))


def test_an_effect_turns_between_the_readings_around_the_last_change_of_sign_of_its_mean():
    assert turn(band([-0.3, -0.1, 0.1, 0.3], 0.01)) == "turns between 2,000 and 3,000 images shown"
    assert turn(band([0.3, 0.1, -0.1, -0.3], 0.01)) == "turns between 2,000 and 3,000 images shown"
    assert turn(band([0.2, -0.1, 0.1, -0.3], 0.01)) == "turns between 3,000 and 4,000 images shown"
    assert turn(band([-0.3, -0.1], 0.01)) == ""
    assert turn(band([0.3], 0.01)) == ""
    assert turn(None) == ""


@pytest.mark.parametrize("sign", [1, -1])
def test_its_band_is_on_one_side_before_and_on_the_other_afterwards(sign):
    change = [sign * one for one in (-0.3, -0.15, -0.05, 0.05, 0.15, 0.3)]
    said = "turns between 3,000 and 4,000 images shown"
    assert turn(band(change, 0.1)) == f"{said}, its 95% band between 2,000 and 5,000"
    assert turn(band(change, 0.2)) == f"{said}, its 95% band between 1,000 and 6,000"
    assert turn(band(change, 0.01)) == said  # the same two readings
    assert turn(band(change, 0.4)) == said  # it is beyond zero nowhere
    assert turn(band([*change[:5], sign * 0.09], 0.1)) == f"{said}, its 95% band between 2,000 and 5,000"
    assert turn(band(change, np.nan)) == said  # fewer than six pairs
