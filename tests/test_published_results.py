"""Numbers in README and docs are those of the tables in docs/results, which a report can be made of again."""

import math
import re

import numpy as np
import pytest

from aeaug.evaluation.reading import heading, number
from aeaug.report.page import effect
from aeaug.report.results import results_of
from aeaug.report.tables.arms import arms_table
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.metrics import METRICS
from aeaug.run.table.reading import read_table
from tests.conftest import REPOSITORY

TABLES = sorted((REPOSITORY / "docs" / "results").glob("*.parquet"))
README = (REPOSITORY / "README.md").read_text()


def published(name):
    return results_of(read_table(REPOSITORY / "docs" / "results" / f"{name}.parquet"))


def cells(row):
    return [cell.strip() for cell in row.strip("|").split("|")]


def printed(first):
    """The cells of the README's line that begins with this one."""
    (line,) = re.findall(rf"^\| {re.escape(first)} \|.*\|$", README, re.MULTILINE)
    return cells(line)[1:]


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_a_table_says_nothing_of_a_machine_and_is_small(table):
    found = read_table(table)
    assert not found["note"].str.contains(r"(?:^|\s)/\w+/", regex=True).any()
    assert set(found["state"]) <= {"done", "diverged"}
    runs = len(found.drop_duplicates(["arm", "n_train", "subset", "seed"]))
    assert table.stat().st_size < 10_000 + 3_000 * runs  # it is committed again and again


def test_what_is_typed_of_the_demo():
    """The README's own words, beside its generated block (tests/published)."""
    (verdict,) = verdicts(published("demo"))
    assert verdict.heading == "supported at this budget"
    assert verdict.pairs == 6
    change = -math.expm1(verdict.paired.mean)
    assert "show 6% where it shows three times that" in README.replace("\n", " ")
    assert 2.5 < change / 0.06 < 3.5


@pytest.mark.parametrize(("name", "decimals"), [("baseline_mlp", 1), ("baseline_dcgan", 1), ("article", 0)])
def test_the_baselines_of_the_readme(name, decimals):
    (run,) = published(name).runs
    fd, coverage = METRICS["frechet_distance"], METRICS["coverage"]
    shown, end, best, free, covered, classes, seconds = printed(f"`{name}`")
    assert shown == number(run.counts["images"])
    assert end == number(run.of(fd), decimals)
    assert best == number(run.of(fd, reading="best"), decimals)
    assert float(free) == pytest.approx(run.of(fd, space="self_supervised"), rel=5e-3)
    assert covered == number(run.of(coverage), 3)
    assert float(classes) == pytest.approx(run.of(METRICS["class_kl"]), rel=2e-2)
    assert seconds == number(run.of(METRICS["seconds_gan"]))
    assert heading(fd) == "FD ↓"


def test_what_bf16_does_to_images():
    (verdict,) = verdicts(published("bf16"))
    text = (REPOSITORY / "docs" / "tuning.md").read_text().replace("\n", " ")
    assert verdict.heading == "no effect at this budget"
    assert f"the paired change {effect(verdict.paired, verdict.claim).replace('[', '[')}" in text


def test_of_stacked_images_alone_the_modes_that_an_arm_covers_stand_there():
    keys = ("modes_covered", "mode_kl")
    stacked = published("modes")
    table = arms_table(stacked)
    (group,) = stacked.groups
    for arm, row in zip(group.arms, table.rows, strict=True):
        for key in keys:
            place = row.places[table.columns.index(heading(METRICS[key]))]
            assert place == pytest.approx(np.median(arm.values(METRICS[key])))
    assert not {heading(METRICS[key]) for key in keys} & set(arms_table(published("large")).columns)
