import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aeaug.evaluation.reading import NONE, decimals, heading, number, spread
from aeaug.report.results import Results
from aeaug.report.tables import (
    Table,
    autoencoder_table,
    common_settings,
    metrics_table,
    paired_metrics_table,
    paired_table,
    runs_table,
    settings_table,
    stability_table,
)
from aeaug.report.tables.arms import arms_table
from aeaug.report.terminal import terminal_table
from aeaug.run.metrics import METRICS
from tests.report.conftest import results, write_demo
from tests.report.synthetic import changed, experiment

WriteRun = Callable[..., Path]
FD = METRICS["frechet_distance"]
OF_STACKED = {"modes_covered", "mode_kl"}  # images, which these runs have not


@pytest.fixture(scope="module")
def three(finished: Path) -> Results:
    return results(finished)


@pytest.fixture(scope="module")
def sized(sizes: Path) -> Results:
    return results(sizes, "sizes")


def cell(table: Table | None, row: str, column: str) -> str:
    assert table is not None
    found = next(r for r in table.rows if r.cells[0] == row)
    return found.cells[table.columns.index(column)]


@pytest.mark.parametrize(
    ("values", "places", "text"),
    [
        ([1.0, 3.0, 2.0], 1, "2.0 [1.0–3.0]"),
        ([5.0], 2, "5.00"),
        ([10, 9, 10, 9], 0, "9.5 [9–10]"),
        ([1412.2, 1449.7, 1513.0], 0, "1,450 [1,412–1,513]"),
        ([-0.2, 0.1, 0.0], 1, "0.0 [−0.2 to 0.1]"),
        ([], 1, NONE),
    ],
)
def test_spread_is_median_and_extremes(values: list[float], places: int, text: str) -> None:
    assert spread(values, places) == text


def test_numbers_keep_two_digits_of_the_smallest() -> None:
    assert [decimals([value, 50.0]) for value in (0.031, 0.31, 3.1, 31.0, 310.0)] == [3, 2, 1, 0, 0]
    assert number(-1234.5, 1) == "−1,234.5"


def test_arms_with_medians_ratios_to_the_own_floor_and_floors(three: Results) -> None:
    table = metrics_table(three, ["distance"], ratio=True)
    assert table is not None
    assert [(row.cells[0], row.kind) for row in table.rows] == [
        ("none", "arm"),
        ("append-gaussian", "arm"),
        ("append-reconstruct", "arm"),
        ("another real sample", "floor"),
        ("copy of the training subset", "floor"),
        ("Gaussian fitted to pixels", "floor"),
        ("decoded, append-gaussian", "floor"),
        ("decoded, append-reconstruct", "floor"),
    ]
    (group,) = three.groups
    distances = group.arms[1].values(FD)
    ratios = np.divide(distances, group.arms[1].values(FD, "real"))
    assert cell(table, "append-gaussian", "FD ↓").startswith(f"{np.median(distances):.1f} [")
    assert cell(table, "append-gaussian", "× floor ↓").startswith(f"{np.median(ratios):.1f} [")
    floors = [value for arm in group.arms for value in arm.values(FD, "real_sd")]
    within = np.median(ratios) * np.median(
        np.divide(group.arms[1].values(FD, "real_sd"), group.arms[1].values(FD, "real"))
    )
    assert cell(table, "append-gaussian", "× floor ↓").endswith(f" ± {within:.1f}")
    assert cell(table, "another real sample", "× floor ↓") == "1.0"
    assert cell(table, "none", "done") == "3 of 3"
    real = [value for arm in group.arms for value in arm.values(FD, "real")]
    assert cell(table, "another real sample", "FD ↓") == (
        f"{np.median(real):.1f} [{min(real):.1f}–{max(real):.1f}] ± {np.median(floors):.3f}"
    )
    assert cell(table, "decoded, append-gaussian", "FD ↓") == "24.0"


def test_an_arm_with_other_seeds_does_not_shift_what_all_arms_share(runs_dir: Path, write_run: WriteRun) -> None:
    for seed in range(3):
        write_run(seed=seed)
        write_run(variant="append", injection="append", seed=seed)
    places = [
        ("another real sample", "FD ↓"),
        ("another real sample", "× floor ↓"),
        ("copy of the training subset", "× floor ↓"),
    ]
    before = metrics_table(results(runs_dir), ["distance"], ratio=True)
    write_run(variant="stray", seed=0)
    after = metrics_table(results(runs_dir), ["distance"], ratio=True)
    assert before is not None
    assert after is not None
    for place in places:
        assert cell(before, *place).partition(" ±")[0] == cell(after, *place).partition(" ±")[0] != NONE


@pytest.mark.parametrize("group", ["distance", "fidelity", "diversity", "copying"])
def test_every_number_of_an_arm_has_every_floor_under_it(three: Results, group: Any) -> None:
    table = metrics_table(three, [group])
    assert table is not None
    own = [metric for key, metric in METRICS.items() if metric.group == group and key not in OF_STACKED]
    assert table.columns == ("arm", *map(heading, own))
    assert sum(row.kind == "floor" for row in table.rows) == 5
    assert all(text not in ("", NONE) for row in table.rows for text in row.cells)


def test_arrows_point_to_the_better_side() -> None:
    arrows = {key: heading(METRICS[key])[-1] for key in ("frechet_distance", "recall", "class_kl", "frechet_gap")}
    assert arrows == {"frechet_distance": "↓", "recall": "↑", "class_kl": "↓", "frechet_gap": "p"}


def test_a_diverged_run_is_counted_beside_the_survivors_median(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(seed=0, frechet=10.0)
    write_run(seed=1, state="diverged", frechet=99.0, traceback="loss_d is nan at image 1280")
    found = results(runs_dir)
    table = metrics_table(found, ["distance"], ratio=True)
    assert cell(table, "none", "FD ↓") == "10.0"
    assert (cell(table, "none", "done"), cell(table, "none", "diverged")) == ("1 of 2", "1")
    (row,) = runs_table(found, incomplete=True).rows
    assert {"none", "1", "diverged", "loss_d is nan at image 1280"} <= set(row.cells)
    assert "\ndiverged: 1 of none\n" in terminal_table(found)
    share = metrics_table(found, ["stability"])
    assert cell(share, "none", "diverged ↓") == "0.50 [0.00–1.00]"


def test_data_copying_without_a_value_says_that_its_cells_are_too_small(runs_dir: Path, write_run: WriteRun) -> None:
    column = heading(METRICS["data_copying"])
    for seed, (said, cells, text) in enumerate(
        ((None, 0, "cells too small"), (-2.0, 10, "−2.00 (1 of 2: cells too small)"))
    ):
        path = write_run(seed=seed) / "metrics.json"
        written = json.loads(path.read_text())
        written["readings"]["end"]["spaces"]["classifier"] |= {"data_copying": said, "data_copying_cells": cells}
        path.write_text(json.dumps(written))
        assert cell(metrics_table(results(runs_dir), ["copying"]), "none", column) == text


def test_what_no_run_measured_has_no_column(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(old=True)
    found = results(runs_dir)
    table = metrics_table(found, ["distance"])
    assert table is not None
    assert table.columns == ("arm", "FD ↓")
    assert metrics_table(found, ["copying"]) is metrics_table(found, ["leak"]) is autoencoder_table(found) is None


def test_the_leak_stands_between_its_floors(three: Results) -> None:
    table = metrics_table(three, ["leak"])
    column = heading(METRICS["leak_share"])
    shares = [
        float(cell(table, row, column).split()[0])
        for row in ("another real sample", "none", "append-gaussian", "append-reconstruct", "reconstructed images")
    ]
    assert shares == sorted(shares)
    assert cell(table, "decoded, append-gaussian", column) == "0.970"


def test_an_autoencoder_is_counted_once_however_many_runs_share_it(three: Results) -> None:
    table = autoencoder_table(three)
    assert table is not None
    assert table.columns[1] == "500 images: append-gaussian, append-reconstruct"
    assert cell(table, "accuracy of a linear probe on pixels", table.columns[1]).startswith("0.82")
    kept = [row.cells[1] for row in table.rows if row.cells[0].startswith("labels kept, γ =")]
    assert [float(text) for text in kept] == [0.97, 0.95, 0.88, 0.64, 0.33]


def test_autoencoders_that_are_set_up_differently_have_a_column_each(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(variant="append", injection="append")
    path = write_run(variant="append-conv", injection="append") / "metrics.json"
    path.write_text(re.sub(r'"key": "[0-9a-f]{4}', '"key": "ffff', path.read_text()))
    table = autoencoder_table(results(runs_dir))
    assert table is not None
    assert table.columns[1:] == ("500 images: append", "500 images: append-conv")


def test_settings_are_shown_where_arms_that_use_them_differ(three: Results) -> None:
    table = settings_table(three)
    assert table is not None
    assert set(table.columns) == {
        "arm",
        "augmentation.name",
        "augmentation.ratio",
        "autoencoder.name",
        "perturbation.gamma",
        "perturbation.name",
        "labels used by",
    }
    assert cell(table, "none", "labels used by") == "data.balanced=True"
    assert cell(table, "none", "augmentation.name") == "none"
    assert cell(table, "none", "autoencoder.name") == cell(table, "none", "perturbation.name") == NONE
    assert cell(table, "append-gaussian", "perturbation.gamma") == "0.5"
    shared = common_settings(three)
    assert shared["gan.name"] == "mlp"
    assert not set(shared) & set(table.columns)


def test_a_median_of_fewer_seeds_than_are_done_says_of_how_many(runs_dir: Path, write_run: WriteRun) -> None:
    for seed in range(3):
        path = write_run(seed=seed)
    written = json.loads((path / "metrics.json").read_text())
    written["readings"]["end"]["spaces"]["classifier"]["accuracy_score"] = None
    (path / "metrics.json").write_text(json.dumps(written))
    table = metrics_table(results(runs_dir), ["distance"])
    assert table is not None
    assert cell(table, "none", heading(METRICS["accuracy_score"])).endswith("(of 2 of 3)")
    assert "of 2 of 3" not in cell(table, "none", "FD ↓")


def test_paired_table_says_too_few_seeds_or_gives_numbers(three: Results, runs_dir: Path, write_run: WriteRun) -> None:
    few = paired_table(three)
    assert cell(few, "append-gaussian", "95% interval") == "too few seeds, 6 pairs needed"
    assert (cell(few, "append-gaussian", "p"), cell(few, "append-gaussian", "pairs")) == (NONE, "3")
    for seed in range(7):
        write_run(seed=seed, frechet=40.0)
        state = "failed" if seed == 6 else "done"
        write_run(variant="append", injection="append", seed=seed, frechet=30.0, state=state)
    six = paired_table(results(runs_dir))
    row = {column: cell(six, "append", column) for column in six.columns} if six else {}
    assert row == {
        "arm": "append",
        "against": "none",
        "pairs": "6 (1 without a pair)",
        "mean change": "−25.0%",
        "95% interval": "−25.0% to −25.0%",
        "median": "−25.0%",
        "smallest to largest": "−25.0% to −25.0%",
        "lower in": "6 of 6",
        "p": "0.031",
        "Holm p": "0.031",
    }


def test_every_other_metric_is_paired_on_its_own_scale(three: Results) -> None:
    table = paired_metrics_table(three)
    assert table is not None
    assert table.columns == ("paired difference", "append-gaussian, 500 images", "append-reconstruct, 500 images")
    arms = three.groups[0].arms
    values = [arm.values(METRICS["authenticity"]) for arm in arms]
    difference = float(np.mean(np.subtract(values[1], values[0])))
    shown = cell(table, heading(METRICS["authenticity"]), table.columns[1])
    assert shown.startswith(f"{difference:+.3g} [".replace("-", "−"))
    assert {heading(m) for k, m in METRICS.items() if m.group != "cost" and m is not FD and k not in OF_STACKED} == {
        row.cells[0] for row in table.rows
    }


def test_stability_names_the_worst_seed_and_counts_divergences(sized: Results) -> None:
    table = stability_table(sized)
    assert table is not None
    small, large = ([row for row in table.rows if row.kind == "arm"][place] for place in (0, 2))
    worst = max(sized.groups[0].arms[1].runs, key=lambda run: run.of(FD) or 0)
    assert small.cells[table.columns.index("worst FD ↓")] == f"{worst.of(FD):.1f} ({worst.repetition})"
    diverged = [
        row.cells[table.columns.index("diverged")] for row in table.rows if row.cells[0] == "append_reconstruct"
    ]
    assert (diverged, large.cells[0]) == (["1 of 8", "0 of 8"], "append_gaussian")


def test_cost_adds_up(three: Results) -> None:
    table = metrics_table(three, ["cost"])
    assert (
        cell(table, "append-gaussian", heading(METRICS["seconds_augmentation_epoch"])) == "0.021"
    )  # 0.42 s, 20 epochs
    assert cell(table, "none", heading(METRICS["parameters_autoencoder"])) == NONE
    assert cell(table, "append-gaussian", heading(METRICS["parameters_autoencoder"])) == "105,296"
    assert cell(table, "none", heading(METRICS["peak_memory"])).startswith("0.85")


def test_the_terminal_is_aligned_narrow_and_honest(three: Results, sized: Results) -> None:
    text = terminal_table(three)
    lines = text.splitlines()
    assert len({len(line) for line in lines if line.startswith("─")}) == 1
    assert max(map(len, lines)) <= 116
    assert next(line for line in lines if line.startswith("append-gaussian")).endswith("lower 3/3")
    times = cell(metrics_table(three, ["distance"], ratio=True), "append-gaussian", "× floor ↓").partition("] ")[2]
    assert times.startswith("± ")
    assert times in next(line for line in lines if line.startswith("append-gaussian"))
    assert next(line for line in lines if line.startswith("none")).endswith("control")
    assert "Too few seeds" in text
    text = terminal_table(sized)
    assert max(map(len, text.splitlines())) <= 116
    assert text.startswith("Claim: Appending decoded images")
    assert text.index("Claim: Appending") < text.index("100 images: supported") < text.index("100 images; median")
    assert "data.n_train" not in text
    assert "Too few seeds" not in text


def test_long_names_that_would_be_cut_alike_are_whole(runs_dir: Path, write_run: WriteRun) -> None:
    long = [f"append_gaussian,autoencoder.latent_dim={size},autoencoder.steps=750" for size in (2, 8)]
    other = "append_gaussian,autoencoder.latent_dim=32,autoencoder.steps=75,perturbation.gamma=2"
    for arm in ("none", *long, other):
        write_run(variant=arm, injection="none" if arm == "none" else "append", seed=0, samples=False)
    text = terminal_table(results(runs_dir))
    assert all(f"\n{name} " in text for name in long)
    assert other not in text
    assert len({line.split()[0] for line in text.splitlines() if line.startswith("append_")}) == 3


def test_a_terminal_table_of_nothing_finished(runs_dir: Path, write_run: WriteRun) -> None:
    write_run(state="running")
    assert "no run is done" in terminal_table(results(runs_dir))


def test_an_option_that_is_looked_up_by_size_is_shown_for_each(runs_dir: Path, write_run: WriteRun) -> None:
    for size, gamma in ((100, 30.0), (500, 30.0), (2000, 10.0)):
        for variant in ("none", "append"):
            name = f"{variant},data.n_train={size}"
            write_run(variant=name, injection=variant, n_train=size, gan={"r1_gamma": gamma}, samples=False)
    table = settings_table(results(runs_dir))
    assert table is not None
    for arm in ("none", "append"):
        assert cell(table, arm, "gan.r1_gamma") == "30.0 (100, 500 images), 10.0 (2,000 images)"


def test_a_single_pair_has_no_interval_and_no_range(tmp_path: Path) -> None:
    for seeds, several in ((1, False), (2, True)):
        write_demo(tmp_path / str(seeds), seeds=seeds)
        table = arms_table(results(tmp_path / str(seeds)))
        assert table is not None
        place = table.columns.index("FD, paired change")
        changed = [row.cells[place] for row in table.rows if row.cells[place] not in ("control", "–")]
        assert len(changed) == 2
        assert all(("[" in cell) == several and cell.endswith(", 1 pair") != several for cell in changed), changed


def test_runs_that_never_looked_at_the_test_set_have_their_validation_fd():
    """That of the last reading, of runs that came to their end."""
    tested = experiment({"none": [40.0, 50.0, 60.0], "append": [30.0, 35.0, "failed"]})
    last = {"none": [12.5, 20.25, 30.0], "append": [7.0, 9.0, 1.0]}
    untested = changed(
        tested, lambda run: replace(run, numbers={}, curve=((1.0, 900.0), (2.0, last[run.arm][run.seed])))
    )
    found = arms_table(untested)
    assert found is not None
    column = found.columns.index("validation FD ↓")
    assert [row.cells[column] for row in found.rows] == ["20 [12–30]", "8.0 [7.0–9.0]"]
    assert "validation FD ↓" not in arms_table(tested).columns  # type: ignore[union-attr]
