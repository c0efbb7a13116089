import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aeaug.evaluation.reading import amount, percent
from aeaug.report.statistics.comparison import compare
from aeaug.run.metrics import METRICS
from tests.report.conftest import results
from tests.report.synthetic import experiment

WriteRun = Callable[..., Path]
FD = METRICS["frechet_distance"]


def write_pairs(write_run: WriteRun, effects: dict[str, float], seeds: int, noise: float = 0.02) -> None:
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        control = 40 * math.exp(rng.normal(0, 0.3))
        write_run(seed=seed, frechet=control, samples=False)
        for variant, effect in effects.items():
            frechet = control * effect * math.exp(rng.normal(0, noise))
            write_run(variant=variant, injection="append", seed=seed, frechet=frechet, samples=False)


def test_a_planted_effect_is_measured_on_pairs_despite_spread_between_seeds(
    runs_dir: Path, write_run: WriteRun
) -> None:
    write_pairs(write_run, {"better": 0.8, "worse": 1.3}, seeds=8)
    better, worse = compare(results(runs_dir), FD)
    assert better.paired is not None
    assert worse.paired is not None
    assert better.paired.median == pytest.approx(math.log(0.8), abs=0.03)
    assert worse.paired.median == pytest.approx(math.log(1.3), abs=0.03)
    assert better.paired.interval is not None
    assert better.paired.interval[1] < 0
    assert better.p == pytest.approx(1 / 128)
    assert better.p_holm == pytest.approx(1 / 64)
    assert better.interval == better.paired.interval
    assert (better.lower, worse.lower, better.unpaired) == (8, 0, 0)
    assert better.paired.span == better.paired.interval


def test_three_seeds_have_a_range_and_no_interval(finished: Path) -> None:
    for row in compare(results(finished), FD):
        assert row.paired is not None
        assert row.paired.interval is None
        assert row.paired.span == (min(row.paired.differences), max(row.paired.differences))
    assert compare(results(finished), FD)[0].lower == 3


def test_whether_a_run_diverged_is_a_number_of_it_like_any_other(runs_dir: Path, write_run: WriteRun) -> None:
    """In other metrics a diverged run has none, and stands wherever it is worst for a finding."""
    for seed in range(8):
        write_run(seed=seed, frechet=40.0)
        state = "done" if seed == 0 else "diverged"
        write_run(variant="append", injection="append", seed=seed, frechet=30.0, state=state)
    (row,) = compare(results(runs_dir), METRICS["diverged"])
    assert row.paired is not None
    assert sorted(row.paired.differences) == [0, *[1] * 7]
    assert row.interval == row.paired.interval
    assert row.interval is not None
    assert row.interval[0] > 0


def test_a_diverged_run_breaks_its_pair_and_is_counted(runs_dir: Path, write_run: WriteRun) -> None:
    for seed in range(7):
        write_run(seed=seed, frechet=40.0)
        state = "diverged" if seed == 3 else "done"
        write_run(variant="append", injection="append", seed=seed, frechet=30.0, state=state)
    (row,) = compare(results(runs_dir), FD)
    assert row.paired is not None
    assert row.paired.seeds == (0, 1, 2, 4, 5, 6)
    assert row.unpaired == 1
    # Of the survivors alone, as certain as six can be; with it, wherever it is placed, six of seven.
    assert row.paired.p == pytest.approx(2 / 64)
    assert row.p == pytest.approx(2 * 8 / 128)
    assert row.interval is not None
    assert row.interval[1] >= 0 > row.paired.mean


def test_arms_without_a_common_seed_are_said_to_be_incomparable(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(seed=0)
    write_run(variant="append", injection="append", seed=0, state="failed")
    rows = compare(results(runs_dir), FD)
    assert rows[0].paired is None


def test_one_arm_compares_nothing(runs_dir: Path, write_run: WriteRun) -> None:
    write_run()
    assert compare(results(runs_dir), FD) == ()


def test_percent_is_the_change_of_the_ratio() -> None:
    assert percent(math.log(0.75)) == "−25.0%"
    assert percent(math.log(2)) == "+100.0%"


def test_a_metric_on_its_natural_scale_is_compared_in_its_units() -> None:
    control = [0.3, 0.5, 0.4, 0.6, 0.35, 0.45, 0.55, 0.65]
    arms = {"none": control, "append": [value + 0.05 + seed / 1000 for seed, value in enumerate(control)]}
    (row,) = compare(experiment(arms, metric="recall"), METRICS["recall"])
    assert row.paired is not None
    assert row.paired.differences == pytest.approx([0.05 + seed / 1000 for seed in range(8)])
    assert (amount(row.paired.median, row.metric), row.lower) == ("+0.0535", 0)


def test_each_metric_has_its_own_pairs_and_correction() -> None:
    arms = {"none": [2.0] * 7, "a": [1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0], "b": [3.0] * 6 + ["diverged"]}
    planted = experiment(arms, metric="frechet_distance_infinity")
    a, b = compare(planted, METRICS["frechet_distance_infinity"])
    assert a.paired is not None
    assert b.paired is not None
    assert a.paired.differences == (-1.0, -3.0, -1.0, -1.0, -1.0, -1.0, -1.0)
    # The lost pair of b may lie where the others do, or as far on the other side, where 1 + 7 of 2^7 sign patterns are
    # as good for it: none flipped, that one, and that one with any of the other six.
    assert (a.p, b.p) == pytest.approx((1 / 64, 2 * 8 / 128))
    assert (a.p_holm, b.p_holm) == pytest.approx((2 / 64, 2 * 8 / 128))
    assert b.interval == pytest.approx((0.0, 1.0), abs=1.0)
    assert (a.lower, a.unpaired, b.unpaired) == (7, 0, 1)
    # The FD of the same runs is 40 in every one of them, and nothing else was measured.
    assert [row.paired.median for row in compare(planted, FD) if row.paired] == [0.0, 0.0]
    assert [row.paired for row in compare(planted, METRICS["leak_share"])] == [None, None]


def test_amounts_are_percent_on_a_log_metric_and_units_elsewhere() -> None:
    assert amount(math.log(0.75), METRICS["frechet_distance"]) == "−25.0%"
    assert amount(-0.03125, METRICS["recall"]) == "−0.0312"
    assert amount(12.0, METRICS["seconds_autoencoder"]) == "+12"
