import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from aeaug.report.autoencoders import autoencoders, perturbed_tables, quality_table
from aeaug.report.collect import read_experiment
from aeaug.report.comparison import compare
from aeaug.report.cost import cost_tables
from aeaug.report.leak import leak_table
from aeaug.report.metrics import METRICS
from aeaug.report.paired_tables import paired_metrics_table, paired_table, stability_table
from aeaug.report.stability import stability
from aeaug.report.table import NONE, Table, decimals, number, spread
from aeaug.report.tables import (
    COPYING,
    DISTANCE,
    FIDELITY,
    OVERFITTING,
    heading,
    metrics_table,
    settings_table,
    unmeasured,
)
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


def test_a_range_with_a_minus_in_it_is_not_joined_by_a_dash() -> None:
    assert spread([-0.2, 0.1], 1).detail == "[−0.2 to 0.1]"


def test_arms_with_medians_ratios_to_the_own_floor_and_floors(finished: Path) -> None:
    (group,) = read_experiment(finished, "demo").groups
    table = metrics_table(group, DISTANCE, extras=("ratio", "states"))
    assert table is not None
    assert [(row.cells[0].text, row.floor) for row in table.rows] == [
        ("none", False),
        ("append-gaussian", False),
        ("append-reconstruct", False),
        ("another real sample", True),
        ("copy of the training subset", True),
        ("Gaussian fitted to pixels", True),
        ("decoded, append-gaussian", True),
        ("decoded, append-reconstruct", True),
    ]
    arm = group.arms[1]
    distances = {seed: m.frechet_distance for seed, m in arm.test().items()}
    ratios = [fd / arm.floors("real")[seed].frechet_distance for seed, fd in distances.items()]
    assert cell(table, "append-gaussian", "FD\u00a0↓").startswith(f"{np.median(list(distances.values())):.1f} [")
    assert cell(table, "append-gaussian", "×\u00a0floor\u00a0↓").startswith(f"{np.median(ratios):.1f} [")
    assert cell(table, "another real sample", "×\u00a0floor\u00a0↓") == "1.0"
    assert cell(table, "none", "done") == "3 of 3"
    real = [m.frechet_distance for arm in group.arms for m in arm.floors("real").values()]
    assert cell(table, "another real sample", "FD\u00a0↓") == f"{np.median(real):.1f} [{min(real):.1f}–{max(real):.1f}]"
    assert cell(table, "decoded, append-gaussian", "FD\u00a0↓") == "24.0"


@pytest.mark.parametrize("keys", [DISTANCE, FIDELITY, COPYING])
def test_every_number_of_an_arm_has_every_floor_under_it(finished: Path, keys: tuple[str, ...]) -> None:
    (group,) = read_experiment(finished, "demo").groups
    table = metrics_table(group, keys)
    assert table is not None
    assert table.columns == ("arm", *(heading(METRICS[key]) for key in keys))
    assert sum(row.floor for row in table.rows) == 5
    for row in table.rows:
        assert all(cell.text not in ("", NONE) for cell in row.cells)


def test_arrows_point_to_the_better_side() -> None:
    arrows = {key: heading(METRICS[key])[-1] for key in ("frechet_distance", "recall", "class_kl", "frechet_gap")}
    assert arrows == {"frechet_distance": "↓", "recall": "↑", "class_kl": "↓", "frechet_gap": "p"}


def test_a_diverged_run_is_counted_beside_the_survivors_median(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(seed=0, frechet=10.0)
    write_run(seed=1, state="diverged", frechet=99.0)
    table = metrics_table(read_experiment(runs_dir, "demo").groups[0], DISTANCE, extras=("states",))
    assert table is not None
    assert cell(table, "none", "FD\u00a0↓") == "10.0"
    assert (cell(table, "none", "done"), cell(table, "none", "diverged")) == ("1 of 2", "1")


def test_a_floor_of_another_sample_size_says_so(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(n=1000, floor_n=500)
    table = metrics_table(read_experiment(runs_dir, "demo").groups[0], FIDELITY)
    assert table is not None
    assert cell(table, "another real sample", "arm").endswith("on 500 images: not the arms' number")


def rewrite(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the `metrics.json` of a run."""
    results = json.loads((path / "metrics.json").read_text())
    change(results)
    (path / "metrics.json").write_text(json.dumps(results))


def test_data_copying_without_a_value_says_that_its_cells_are_too_small(runs_dir: Path, write_run: WriteRun) -> None:
    def lose(results: dict[str, Any]) -> None:
        results["test"] |= {"data_copying": None, "data_copying_cells": 0}

    column = heading(METRICS["data_copying"])
    rewrite(write_run(seed=0), lose)
    table = metrics_table(read_experiment(runs_dir, "demo").groups[0], COPYING)
    assert table is not None
    assert cell(table, "none", column) == "cells too small"
    rewrite(write_run(seed=1), lambda results: results["test"].update(data_copying=-2.0))
    table = metrics_table(read_experiment(runs_dir, "demo").groups[0], COPYING)
    assert table is not None
    assert cell(table, "none", column) == "−2.00 1 of 2: cells too small"


def test_what_no_run_measured_has_no_column_and_is_named(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(old=True)
    (group,) = read_experiment(runs_dir, "demo").groups
    table = metrics_table(group, DISTANCE)
    assert table is not None
    assert table.columns == ("arm", "FD\u00a0↓")
    assert metrics_table(group, COPYING) is None
    assert unmeasured(group, COPYING) == [METRICS[key].label for key in COPYING]
    assert leak_table(group) is None
    assert autoencoders(group) == []
    write_run(seed=1)
    (group,) = read_experiment(runs_dir, "demo").groups
    assert unmeasured(group, (*DISTANCE, *COPYING)) == []


def test_the_leak_stands_between_its_floors(finished: Path) -> None:
    (group,) = read_experiment(finished, "demo").groups
    table = leak_table(group)
    assert table is not None
    share = {row.cells[0].text: float(row.cells[1].text) for row in table.rows}
    assert 0.04 < share["none"] < share["append-gaussian"] < share["append-reconstruct"] < 0.94
    assert cell(table, "none", "decoded (floor)") == NONE
    assert cell(table, "append-gaussian", "real (floor)") == "0.040"


def test_an_autoencoder_is_counted_once_however_many_runs_share_it(finished: Path) -> None:
    (group,) = read_experiment(finished, "demo").groups
    (kind,) = autoencoders(group)
    assert (kind.name, len(kind.qualities)) == ("mlp", 3)
    assert [arm.name for arm in kind.arms] == ["append-gaussian", "append-reconstruct"]
    quality = quality_table([kind])
    assert cell(quality, "mlp", "probe on pixels (floor)") == "0.820"
    (noise,) = perturbed_tables([kind])
    assert noise.columns[1:] == (
        "γ\u00a0=\u00a00",
        "γ\u00a0=\u00a00.25",
        "γ\u00a0=\u00a00.5",
        "γ\u00a0=\u00a01",
        "γ\u00a0=\u00a02",
    )
    assert [cell.text for cell in noise.rows[1].cells[1:]] == ["0.970", "0.950", "0.880", "0.640", "0.330"]


def test_autoencoders_that_are_set_up_differently_have_a_row_each(runs_dir: Path, write_run: WriteRun) -> None:
    def another(results: dict[str, Any]) -> None:
        results["autoencoder"]["key"] = "another"

    write_run(variant="append", injection="append")
    path = write_run(variant="append-conv", injection="append")
    rewrite(path, another)
    config = yaml.safe_load((path / "config.yaml").read_text()) | {"autoencoder": {"name": "conv", "latent": 32}}
    (path / "config.yaml").write_text(yaml.safe_dump(config))
    found = autoencoders(read_experiment(runs_dir, "demo").groups[0])
    assert [kind.name for kind in found] == ["mlp", "conv"]
    assert len(quality_table(found).rows) == len(perturbed_tables(found)) == 2


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


def test_every_other_metric_is_paired_on_its_own_scale(finished: Path) -> None:
    experiment = read_experiment(finished, "demo")
    (group,) = experiment.groups
    compared = {key: compare(experiment, METRICS[key]) for key in ("authenticity", "seconds_total")}
    table = paired_metrics_table(group, compared)
    assert table is not None
    assert table.columns == ("minus none", "append-gaussian", "append-reconstruct")
    values = [[METRICS["authenticity"].of(run) or 0 for run in arm.runs] for arm in group.arms]
    difference = float(np.median(np.subtract(values[1], values[0])))
    assert cell(table, heading(METRICS["authenticity"]), "append-gaussian").startswith(f"{difference:+.3g} ")
    assert "%" in cell(table, heading(METRICS["seconds_total"]), "append-gaussian")
    assert paired_metrics_table(group, {}) is None


def test_stability_names_the_worst_seed_and_counts_divergences(sizes: Path) -> None:
    experiment = read_experiment(sizes, "sizes")
    small, large = (stability_table(group, stability(experiment)) for group in experiment.groups)
    assert small is not None
    assert large is not None
    treatment = experiment.groups[0].arms[1]
    worst = max(treatment.test().items(), key=lambda item: item[1].frechet_distance)
    assert cell(small, "append_gaussian", "worst FD\u00a0↓") == f"{worst[1].frechet_distance:.1f} seed {worst[0]}"
    assert [cell(table, "append_reconstruct", "diverged") for table in (small, large)] == ["1 of 8", "0 of 8"]


def test_cost_adds_up(finished: Path) -> None:
    (group,) = read_experiment(finished, "demo").groups
    seconds, sizes = cost_tables(group)
    totals = [sum(run.status.seconds.values()) for run in group.arms[0].runs if run.status]
    assert cell(seconds, "none", "total").startswith(f"{np.median(totals):.1f} [")
    assert cell(seconds, "append-gaussian", "augmentation, an epoch") == "0.021"  # 0.42 seconds in 20 epochs
    assert cell(sizes, "none", "autoencoder parameters") == NONE
    assert cell(sizes, "append-gaussian", "autoencoder parameters") == "105\u202f296"
    rates = [240_000 / run.status.seconds["gan"] for run in group.arms[0].runs if run.status]
    assert cell(sizes, "none", "images a second").startswith(number(float(np.median(rates))))
    assert "device memory (GiB)" not in sizes.columns
    assert float(cell(sizes, "none", "host memory (GiB)").split()[0]) == pytest.approx(0.85, abs=0.01)


def test_terminal_table_is_aligned_narrow_and_honest(finished: Path) -> None:
    text = terminal_table(read_experiment(finished, "demo"))
    lines = text.splitlines()
    assert len({len(line) for line in lines if line.startswith("─")}) == 1
    assert max(map(len, lines)) <= 110
    gaussian = next(line for line in lines if line.startswith("append-gaussian"))
    assert gaussian.endswith("lower 3/3")
    assert next(line for line in lines if line.startswith("none")).endswith("control")
    assert "Too few seeds" in text


def test_the_terminal_says_verdicts_first(sizes: Path) -> None:
    text = terminal_table(read_experiment(sizes, "sizes"))
    assert max(map(len, text.splitlines())) <= 110
    assert text.startswith("2 claims at 2 training-set sizes: 1 supported, 2 no effect, 1 inconclusive.")
    assert "Nothing is claimed" not in text
    claimed, numbers = text.index("Claim: Appending decoded images"), text.index("100 training images; median")
    assert claimed < text.index("100 images: supported") < numbers
    assert "data.n_train" not in text


def test_a_terminal_table_of_nothing_finished(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(state="running")
    assert "no run is done" in terminal_table(read_experiment(runs_dir, "demo"))


def test_the_terminal_counts_diverged_runs(runs_dir: Path, write_run: WriteRun) -> None:
    for seed in range(3):
        write_run(seed=seed)
        write_run(variant="append", injection="append", seed=seed, state="diverged" if seed else "done")
    assert "\ndiverged: 2 of append\n" in terminal_table(read_experiment(runs_dir, "demo"))


def test_the_discriminators_numbers_have_a_table_without_floors(sizes: Path) -> None:
    for group in read_experiment(sizes, "sizes").groups:
        table = metrics_table(group, OVERFITTING)
        assert table is not None
        assert [row.floor for row in table.rows] == [False] * len(group.arms)
        assert len(table.columns) == 1 + len(OVERFITTING)
