"""Numbers in README and docs are those of the tables in docs/results, which a report can be made of again."""

import re

import pytest

from aeaug.evaluation.reading import heading, number
from aeaug.report.page import effect
from aeaug.report.results import results_of
from aeaug.report.tables import metrics_table
from aeaug.report.verdict import verdicts
from aeaug.run.metrics import METRICS
from aeaug.run.rows import read_table
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


def without_range(cell):
    return re.sub(r" \[[^\]]*\]", "", cell)


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_a_table_says_nothing_of_a_machine_and_is_small(table):
    found = read_table(table)
    assert not found["note"].str.contains(r"(?:^|\s)/\w+/", regex=True).any()
    assert set(found["state"]) == {"done"}
    assert table.stat().st_size < 2**18


def test_the_demo_of_the_readme():
    results = published("demo")
    table = metrics_table(results, ["frechet_distance", "coverage", "authenticity"], ratio=True)
    named = {"none": "`none`", "append_gaussian": "`append_gaussian`", "another real sample": "another real sample"}
    named["copy of the training subset"] = "a copy of the training subset"
    for row in table.rows:
        if row.cells[0] in named:
            distance, ratio, coverage, authenticity = row.cells[1:5]
            if row.cells[0] == "another real sample":
                distance = without_range(distance)
            said = [distance, *map(without_range, (ratio, coverage, authenticity))]
            assert printed(named[row.cells[0]])[:4] == said
    (verdict,) = verdicts(results)
    assert verdict.heading == "supported at this budget"
    assert f"is **{verdict.heading}**" in README.replace("\n", " ")
    assert printed("`append_gaussian`")[4] == effect(verdict.paired, verdict.claim)
    (free,) = [mark for mark in verdict.marks if mark.name == "label-free features"]
    assert f"FD changes by {effect(free.paired, verdict.claim)}" in README.replace("\n", " ")


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
