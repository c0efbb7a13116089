"""scripts/validation_table.py: which reading of which run, and beside which."""

import math
import runpy

import pandas as pd
import pytest

from tests.conftest import REPOSITORY

SCRIPT = runpy.run_path(str(REPOSITORY / "scripts" / "validation_table.py"))


def readings(arm, seed, state, fds, **other):
    """Rows of a curve, (images, FD), as an experiment's table has them."""
    row = {
        "n_train": 100,
        "arm": arm,
        "subset": seed,
        "seed": seed,
        "state": state,
        "split": "validation",
        "set": "generated",
    }
    row = {**row, "metric": "frechet_distance", **other}
    return [row | {"images": images, "value": fd} for images, fd in fds]


def test_the_last_reading_of_a_finished_run_counts_and_of_a_diverged_one_infinity():
    rows = readings("none", 0, "done", [(20, 5.0), (10, 9.0)])
    rows += readings("none", 0, "done", [(30, 1.0)], split="test") + readings(
        "none", 0, "done", [(30, 1.0)], set="copy"
    )
    rows += readings("none", 1, "diverged", [(10, 9.0)]) + readings("none", 2, "interrupted", [(10, 9.0)])
    assert SCRIPT["last_readings"](pd.DataFrame(rows)) == {100: {"none": {(0, 0): 5.0, (1, 1): math.inf}}}


def test_sizes_and_subsets_are_told_apart():
    rows = [*readings("none", 0, "done", [(10, 5.0)]), *readings("none", 0, "done", [(10, 7.0)], n_train=500)]
    rows += readings("none", 0, "done", [(10, 8.0)], subset=1)
    found = SCRIPT["last_readings"](pd.DataFrame(rows))
    assert found == {100: {"none": {(0, 0): 5.0, (1, 0): 8.0}}, 500: {"none": {(0, 0): 7.0}}}
    assert SCRIPT["block"](500, found[500], True).startswith("**500 images**\n\n| arm | FD |")


def test_an_arm_stands_beside_none_with_the_settings_that_both_have():
    control_of = SCRIPT["control_of"]
    assert control_of("append_gaussian,gan.r1_gamma=0,perturbation.gamma=1") == "none,gan.r1_gamma=0"
    assert control_of("bcr,gan.penalty.bcr.weight=1") == control_of("none") == "none"
    assert control_of("append_score,filter.quantile=0,gan.beta1=0,gan_view=ada") == "none,gan.beta1=0"


def test_a_ratio_is_the_geometric_mean_of_pairs():
    line = SCRIPT["line"]("append", {0: 10.0, 1: 40.0, 2: 7.0}, {0: 20.0, 1: 20.0})
    assert float(line.split("|")[-2]) == pytest.approx(math.sqrt(0.5 * 2), abs=0.005)
    assert line.split("|")[-3].split(", ") == [" 10", "40", "7 "]
