import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aeaug.report.collect import read_experiment
from aeaug.report.comparison import compare, percent, summary

WriteRun = Callable[..., Path]


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
    better, worse = compare(read_experiment(runs_dir, "demo"))
    assert better.paired is not None
    assert worse.paired is not None
    assert better.paired.median == pytest.approx(math.log(0.8), abs=0.03)
    assert worse.paired.median == pytest.approx(math.log(1.3), abs=0.03)
    assert better.paired.interval is not None
    assert better.paired.interval[1] < 0
    assert better.paired.p == pytest.approx(1 / 128)
    assert better.paired.p_holm == pytest.approx(1 / 64)
    assert (better.lower, worse.lower, better.unpaired) == (8, 0, 0)
    assert "lower than none, median of 8 pairs" in better.sentence
    assert "higher than none" in worse.sentence
    assert "Too few" not in summary([better, worse])


def test_three_seeds_claim_nothing(demo: Path) -> None:
    comparisons = compare(read_experiment(demo, "demo"))
    assert [row.paired.interval for row in comparisons if row.paired] == [None, None]
    assert summary(comparisons).startswith("Too few seeds: 3 pairs per comparison")
    assert "95%" not in comparisons[0].sentence
    assert "lower in 3 of 3" in comparisons[0].sentence


def test_a_diverged_run_breaks_its_pair_and_is_counted(runs_dir: Path, write_run: WriteRun) -> None:
    for seed in range(7):
        write_run(seed=seed, frechet=40.0)
        state = "diverged" if seed == 3 else "done"
        write_run(variant="append", injection="append", seed=seed, frechet=30.0, state=state)
    (row,) = compare(read_experiment(runs_dir, "demo"))
    assert row.paired is not None
    assert row.paired.seeds == (0, 1, 2, 4, 5, 6)
    assert row.unpaired == 1
    assert "diverged, so not in it: 1 of append" in row.sentence


def test_arms_without_a_common_seed_are_said_to_be_incomparable(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(seed=0)
    write_run(variant="append", injection="append", seed=0, state="failed")
    rows = compare(read_experiment(runs_dir, "demo"))
    assert rows[0].paired is None
    assert "cannot be compared" in rows[0].sentence


def test_one_arm_compares_nothing(runs_dir: Path, write_run: WriteRun) -> None:
    write_run()
    assert compare(read_experiment(runs_dir, "demo")) == []
    assert summary([]).startswith("Nothing is compared")


def test_percent_is_the_change_of_the_ratio() -> None:
    assert percent(math.log(0.75)) == "−25.0%"
    assert percent(math.log(2)) == "+100.0%"
