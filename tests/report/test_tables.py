from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aeaug.report.collect import read_experiment
from aeaug.report.comparison import compare
from aeaug.report.table import Table, decimals, number, spread
from aeaug.report.tables import arms_table, cost_table, paired_table, settings_table
from aeaug.report.terminal import terminal_table

WriteRun = Callable[..., Path]


def cell(table: Table, row: str, column: str) -> str:
    found = next(r for r in table.rows if r.cells[0].text == row).cells[table.columns.index(column)]
    return f"{found.text} {found.detail}".strip()


@pytest.mark.parametrize(
    ("values", "places", "text", "detail"),
    [
        ([1.0, 3.0, 2.0], 1, "2.0", "[1.0–3.0]"),
        ([5.0], 2, "5.00", ""),
        ([10, 9, 10, 9], 0, "9.5", "[9–10]"),
        ([1412.2, 1449.7, 1513.0], 0, "1\u202f450", "[1\u202f412–1\u202f513]"),
        ([], 1, "–", ""),
    ],
)
def test_spread_is_median_and_extremes(values: list[float], places: int, text: str, detail: str) -> None:
    assert (spread(values, places).text, spread(values, places).detail) == (text, detail)


def test_numbers_keep_two_digits_of_the_smallest() -> None:
    assert [decimals([value, 50.0]) for value in (0.031, 0.31, 3.1, 31.0, 310.0)] == [3, 2, 1, 0, 0]
    assert number(-1234.5, 1) == "−1\u202f234.5"


def test_arms_table_shows_medians_ratios_to_the_own_floor_and_floors(finished: Path) -> None:
    (group,) = read_experiment(finished, "demo").groups
    table = arms_table(group)
    assert [(row.cells[0].text, row.floor) for row in table.rows] == [
        ("none", False),
        ("append-gaussian", False),
        ("append-reconstruct", False),
        ("another real sample", True),
        ("copy of the training subset", True),
        ("decoded, append-gaussian", True),
        ("decoded, append-reconstruct", True),
    ]
    arm = group.arms[1]
    distances = {seed: m.frechet_distance for seed, m in arm.test().items()}
    ratios = [fd / arm.floors("real")[seed].frechet_distance for seed, fd in distances.items()]
    assert cell(table, "append-gaussian", "FD").startswith(f"{np.median(list(distances.values())):.1f} [")
    assert cell(table, "append-gaussian", "× floor").startswith(f"{np.median(ratios):.1f} [")
    assert cell(table, "another real sample", "× floor") == "1.0"
    assert cell(table, "none", "done") == "3 of 3"


def test_a_diverged_run_is_counted_beside_the_survivors_median(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(seed=0, frechet=10.0)
    write_run(seed=1, state="diverged", frechet=99.0)
    table = arms_table(read_experiment(runs_dir, "demo").groups[0])
    assert cell(table, "none", "FD") == "10.0"
    assert (cell(table, "none", "done"), cell(table, "none", "diverged")) == ("1 of 2", "1")


def test_a_floor_of_another_sample_size_says_so(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(n=1000, floor_n=500)
    table = arms_table(read_experiment(runs_dir, "demo").groups[0])
    assert cell(table, "another real sample", "arm").endswith("on 500 images: not the arms' number")


def test_settings_are_shown_where_arms_that_use_them_differ(finished: Path) -> None:
    table = settings_table(read_experiment(finished, "demo").groups[0])
    assert table.columns == (
        "arm",
        "augmentation.name",
        "augmentation.ratio",
        "autoencoder.name",
        "perturbation.gamma",
        "perturbation.name",
    )
    assert cell(table, "none", "augmentation.name") == "none"
    assert cell(table, "none", "autoencoder.name") == "–"
    assert cell(table, "none", "perturbation.name") == "–"
    assert cell(table, "append-gaussian", "perturbation.gamma") == "0.5"


def test_paired_table_says_too_few_seeds_or_gives_numbers(demo: Path, write_run: WriteRun) -> None:
    few = paired_table(compare(read_experiment(demo, "demo")))
    assert cell(few, "append-gaussian", "95% interval") == "too few seeds 6 pairs needed"
    assert (cell(few, "append-gaussian", "p"), cell(few, "append-gaussian", "pairs")) == ("–", "3")
    for seed in range(6):
        write_run(name="six", seed=seed, frechet=40.0)
        write_run(name="six", variant="append", injection="append", seed=seed, frechet=30.0)
    six = paired_table(compare(read_experiment(demo, "six")))
    assert cell(six, "append", "median change") == "−25.0%"
    assert cell(six, "append", "95% interval") == "−25.0% to −25.0%"
    assert cell(six, "append", "p") == "0.031"


def test_cost_adds_up(finished: Path) -> None:
    (group,) = read_experiment(finished, "demo").groups
    table = cost_table(group)
    totals = [sum(run.status.seconds.values()) for run in group.arms[0].runs if run.status]
    assert cell(table, "none", "total\u00a0(s)").startswith(f"{np.median(totals):.1f} [")
    assert cell(table, "none", "autoencoder parameters") == "–"
    assert cell(table, "append-gaussian", "autoencoder parameters") == "105\u202f296"


def test_terminal_table_is_aligned_and_honest(finished: Path) -> None:
    text = terminal_table(read_experiment(finished, "demo"))
    lines = text.splitlines()
    assert len({len(line) for line in lines if line.startswith("─")}) == 1
    assert max(map(len, lines[:-1])) <= 120
    gaussian = next(line for line in lines if line.startswith("append-gaussian"))
    assert gaussian.endswith("lower in 3/3")
    assert next(line for line in lines if line.startswith("none")).endswith("control")
    assert lines[-1].startswith("Too few seeds")
