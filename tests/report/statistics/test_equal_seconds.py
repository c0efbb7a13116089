"""Claims at equal processor seconds: what is read of two curves, and what a verdict and its words make of it."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from aeaug.report.arms import Arm
from aeaug.report.page import evidence_text, page, render, support_texts
from aeaug.report.results import results_of
from aeaug.report.statistics.equal_seconds import at_equal_seconds, moments
from aeaug.report.terminal import terminal_table
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.records import RunRecord
from aeaug.run.table.rows import experiment_rows
from tests.report.conftest import claim, run_directory
from tests.report.synthetic import CLAIM, changed, experiment

CLAIMED = CLAIM | {"reading": "equal_seconds"}
IMAGES = np.arange(1, 21) * 100.0

BACK = np.where(IMAGES > 1200, IMAGES - 500, IMAGES)  # once, of a clock that was lost on the way


def falling(images, scale=40.0, power=0.5):
    """FD as a power of images shown: a line in double logarithms, of which nothing is lost between readings."""
    return scale * (images / IMAGES[-1]) ** -power


def run(seconds, values, state="done", **more):
    curve = tuple(zip(map(float, seconds), map(float, values), strict=True))
    return RunRecord("synthetic", "a", 500, 0, 0, state, curve=curve, **more)


def difference(treatment, control):
    one, two = at_equal_seconds(treatment, control)
    return one - two


@pytest.mark.parametrize("times", [1.0, 1.5, 2.0, 7.3])
def test_an_arm_so_many_times_slower_is_as_many_times_less_far_along_the_same_curve(times):
    slow, fast = run(0.3 * times * IMAGES, falling(IMAGES)), run(0.3 * IMAGES, falling(IMAGES))
    assert difference(slow, fast) == pytest.approx(0.5 * math.log(times))
    assert difference(fast, slow) == pytest.approx(-0.5 * math.log(times))
    # The faster has its own last reading, and both are where the faster ended.
    assert at_equal_seconds(slow, fast)[1] == math.log(falling(IMAGES[-1]))


def test_the_autoencoder_is_paid_before_the_first_image():
    paid = run(200 + IMAGES, 0.5 * falling(IMAGES, power=1.0))
    control = run(IMAGES, falling(IMAGES, power=1.0))
    # After 2,000 seconds the treatment is at 1,800 of 2,000 images: near it, for readings are 100 images apart.
    assert difference(paid, control) == pytest.approx(math.log(0.5 * 2000 / 1800), abs=1e-12)
    assert difference(run(199.5 + IMAGES, 0.5 * falling(IMAGES)), run(IMAGES, falling(IMAGES))) == pytest.approx(
        math.log(0.5 * math.sqrt(2000 / 1800.5)), abs=1e-4
    )


def test_the_unit_of_time_and_that_of_distance_change_nothing():
    rng = np.random.default_rng(0)
    values = 40 * np.exp(rng.normal(0, 0.2, (2, 20)))
    one, two = run(1.7 * IMAGES, values[0]), run(IMAGES, values[1])
    expected = difference(one, two)
    assert difference(run(170 * IMAGES, 9 * values[0]), run(100 * IMAGES, 9 * values[1])) == pytest.approx(expected)


def test_what_is_read_lies_between_the_readings_around_it():
    rng = np.random.default_rng(1)
    for _ in range(50):
        values = 40 * np.exp(rng.normal(0, 0.5, 20))
        times = rng.uniform(1, 15)
        after = np.searchsorted(times * IMAGES, IMAGES[-1], side="left")
        around = np.log(values[max(0, after - 1) : after + 1])
        read, _ = at_equal_seconds(run(times * IMAGES, values), run(IMAGES, values))
        assert around.min() - 1e-12 <= read <= around.max() + 1e-12


@pytest.mark.parametrize("times", [20.1, 100.0])
def test_before_the_first_reading_there_is_nothing(times):
    slow, fast = run(times * IMAGES, falling(IMAGES)), run(IMAGES, falling(IMAGES))
    assert at_equal_seconds(slow, fast)[0] is None
    assert at_equal_seconds(fast, slow)[1] is None
    assert None not in at_equal_seconds(run(20 * IMAGES, falling(IMAGES)), fast)


@pytest.mark.parametrize("seconds", [[], IMAGES[::-1], [1.0] * 20, [0.0] * 20, [math.nan] * 20, BACK])
def test_without_seconds_that_increase_there_is_nothing(seconds):
    control = run(IMAGES, falling(IMAGES))
    assert at_equal_seconds(run(seconds, falling(IMAGES)[: len(seconds)]), control) == (None, None)


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_a_reading_without_a_finite_distance_above_0_is_passed_over(value):
    values = falling(IMAGES) * np.exp(np.random.default_rng(3).normal(0, 0.2, 20))
    lacks, seconds, control = IMAGES == 800, 2.3 * IMAGES, run(IMAGES, falling(IMAGES))  # the other ends at 870 images
    expected = at_equal_seconds(run(seconds[~lacks], values[~lacks]), control)
    assert at_equal_seconds(run(seconds, np.where(lacks, value, values)), control) == expected
    assert at_equal_seconds(run(seconds, values), control) != expected


@pytest.mark.parametrize("state", ["diverged", "running", "failed"])
def test_beside_a_run_that_is_not_done_the_other_has_its_own_last_reading(state):
    done, other = run(IMAGES, falling(IMAGES)), run(0.5 * IMAGES, falling(IMAGES), state)
    last = math.log(falling(IMAGES)[-1])
    assert at_equal_seconds(done, other) == (last, None)
    assert at_equal_seconds(other, done) == (None, last)


def test_seconds_are_told_of_the_pairs_that_are_compared_alone():
    """The slower arm's second run has no reading when the other ends, and its third diverged."""

    def arm(times, states=("done",) * 3):
        found = (run(factor * IMAGES, falling(IMAGES), state) for factor, state in zip(times, states, strict=True))
        return Arm("a", 500, tuple(replace(one, subset=seed, seed=seed) for seed, one in enumerate(found)))

    slow, fast = arm((1.5, 60.0, 3.0), ("done", "done", "diverged")), arm((1.0, 2.0, 4.0))
    assert list(moments(slow, fast)) == list(moments(fast, slow)) == [pytest.approx(2000)]
    assert list(moments(fast, fast)) == pytest.approx([2000, 4000, 8000])


# Verdicts.


def planted(times, scale, pairs=8, noise=0.03, images=IMAGES):
    """A treatment that takes `times` as long for an image, and whose FD is `scale` times that of the control."""
    rng = np.random.default_rng(2)
    wobble = {(arm, seed): np.exp(rng.normal(0, noise)) for arm in ("none", "append") for seed in range(pairs)}

    def timed(record):
        factor, ratio = (times, scale) if record.arm == "append" else (1.0, 1.0)
        values = ratio * wobble[record.arm, record.seed] * falling(images)
        return replace(record, curve=tuple(zip((factor * images).tolist(), values.tolist(), strict=True)))

    arms = {"none": [40.0] * pairs, "append": [40.0 * scale] * pairs}
    return arms, timed


def only(arms, timed, stated=CLAIMED):
    (verdict,) = verdicts(changed(experiment(arms, (stated,)), timed))
    return verdict


@pytest.mark.parametrize(("times", "outcome"), [(1.0, "supported"), (1.2, "supported"), (3.0, "refuted")])
def test_help_that_takes_too_long_is_none(times, outcome):
    """20% less at equally many images are worth a factor of 1.56 in time where FD falls with the root of it."""
    verdict = only(*planted(times, 0.8))
    assert verdict.outcome == outcome
    assert verdict.measured.mean == pytest.approx(math.log(0.8) + 0.5 * math.log(times), abs=0.05)
    assert [(mark.name, mark.agrees) for mark in verdict.marks] == [
        ("test split (end of the budget)", outcome == "supported")
    ]
    assert verdict.sizes[0].finding == ""
    assert verdict.facts == ("compared after 2,000 processor seconds, where the faster run of a pair ended",)
    assert evidence_text(verdict).startswith("validation FD at equal processor seconds ")
    assert "%" in evidence_text(verdict)


def test_beside_it_stands_the_test_split_in_every_space_and_nothing_else():
    arms, timed = planted(1.2, 0.8)
    spaces = [("end", space) for space in ("classifier", "self_supervised")]
    verdict = only({name: [dict.fromkeys(spaces, value) for value in row] for name, row in arms.items()}, timed)
    assert [(mark.name, mark.of) for mark in verdict.marks] == [
        ("test split (end of the budget)", "reading"),
        ("label-free features (test split, end of the budget)", "space"),
    ]


def test_a_pair_that_has_no_such_number_leaves_the_claim_open():
    arms, timed = planted(1.2, 0.8)
    for lacking in (lambda record: timed(record) if record.seed else record, planted(25.0, 0.8)[1], lambda one: one):
        verdict = only(arms, lacking)
        assert verdict.outcome == "inconclusive"
        assert verdict.sizes[0].found.unmeasured
    assert "1 done without this number" in only(arms, lambda r: timed(r) if r.seed else r).remarks[0]


def test_a_diverged_run_is_counted_and_one_that_runs_is_waited_for():
    arms, timed = planted(1.0, 0.6, pairs=10)
    lost = only({**arms, "append": ["diverged", *arms["append"][1:]]}, timed)
    assert (lost.sizes[0].found.diverged, lost.sizes[0].found.unmeasured) == (((0, 0),), ())
    assert lost.outcome == "supported"
    waiting = only({**arms, "append": ["running", *arms["append"][1:]]}, timed)
    assert (waiting.pairs, waiting.sizes[0].found.unmeasured) == (9, ())
    old = only({**arms, "append": ["diverged", *arms["append"][1:]]}, lambda record: record)
    assert old.outcome == "inconclusive"
    assert len(old.sizes[0].found.unmeasured) == 10


# From the table of runs to the page.


def with_seconds(table: pd.DataFrame, per_image: dict[str, float], before: dict[str, float]) -> pd.DataFrame:
    """The table with the seconds that each arm takes for an image, and before the first, in place of its own."""
    table = table[(table["metric"] != "processor_seconds") | table["images"].isna()]
    read = (table["split"] == "validation") & (table["set"] == "generated") & (table["metric"] == "frechet_distance")
    rows = table[read & table["images"].notna()].copy()
    rows["value"] = [per_image[row.arm] * row.images + before[row.arm] for row in rows.itertuples()]
    rows = rows.assign(split="", set="run", metric="processor_seconds", space="")
    return pd.concat([table, rows], ignore_index=True)


@pytest.fixture
def table(runs_dir: Path) -> pd.DataFrame:
    stated = [claim(reading="equal_seconds"), claim(of="spread", smallest_effect=0.02)]
    for seed in range(8):
        for arm, frechet in (("none", 40.0 + seed), ("append-gaussian", 30.0 + seed)):
            injection = "none" if arm == "none" else "append"
            run_directory(runs_dir, variant=arm, seed=seed, frechet=frechet, injection=injection, claims=stated)
    per_image, before = {"none": 1e-3, "append-gaussian": 1.5e-3}, {"none": 0.0, "append-gaussian": 20.0}
    return with_seconds(experiment_rows(runs_dir, ["demo"]), per_image, before)


def test_curves_are_read_from_the_table(table: pd.DataFrame) -> None:
    found = results_of(table.sample(frac=1, random_state=0))
    assert len(found.runs) == 16
    for record in found.runs:
        own = table[(table["arm"] == record.arm) & (table["seed"] == record.seed) & table["images"].notna()]
        read = own[(own["metric"] == "frechet_distance") & (own["split"] == "validation")].sort_values("images")
        assert [value for _, value in record.curve] == read["value"].tolist()
        assert record.curve[0][0] == pytest.approx(24.0 if record.arm == "none" else 56.0)
    assert all(record.curve == () for record in results_of(table[table["metric"] != "processor_seconds"]).runs)


def test_a_run_s_own_seconds_are_in_its_table(runs_dir: Path) -> None:
    folder = run_directory(runs_dir, variant="append-gaussian", injection="append")
    (record,) = results_of(experiment_rows(runs_dir, ["demo"])).runs
    history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    pace = dict(json.loads((folder / "status.json").read_text())["pace"])
    assert record.curve == tuple((pace[point["images"]], point["frechet_distance"]) for point in history)


@pytest.mark.long
def test_the_page_and_the_terminal_name_it(table: pd.DataFrame, tmp_path: Path) -> None:
    found = results_of(table)
    at_equal, steadier = verdicts(found)
    assert at_equal.pairs == steadier.pairs == 8
    shown = page(found, tmp_path)
    html = " ".join(render(shown).split())
    assert "validation FD at equal processor seconds of append-gaussian lower than that of none by at least 5%" in html
    assert "compared after 240 processor seconds, where the faster run of a pair ended" in html
    assert "same sign: test split (end of the budget), −" in html
    assert "same sign: label-free features (test split, end of the budget), −" in html
    assert (
        "spread of FD over subsets (mean absolute deviation of the logarithm of FD from the arm's median) of "
        "append-gaussian lower than that of none by at least 0.02, end of the budget" in html.replace("&#39;", "'")
    )
    text = " ".join(terminal_table(found).split())
    assert "validation FD at equal processor seconds " in text
    assert "spread of FD over subsets " in text
    keys = {chart.key for chart in shown["charts"]}
    assert {"claim-1", "claim-2", "claim-intervals"} <= keys
    assert any(words.endswith("%]") for words in support_texts(at_equal))
