"""What the script makes of numbers; the sets behind them are tested in test_corruptions.py."""

import runpy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from aeaug.evaluation.metrics import METRICS

SCRIPT = Path(__file__).parents[2] / "scripts" / "metric_sanity.py"
SHARES = (0.05, 0.1, 0.25, 0.5)


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


@pytest.fixture
def table(script: dict[str, Any]) -> pd.DataFrame:
    """Recall in units of its standard deviation, 0.01: blur is seen from 10% on, noise at 5% and not at 10%, so from
    25% on, and duplicates never, neither by FD, which is on another scale and in two spaces."""
    moves = {"blur": (2.9, 3.1, 10, 20), "noise": (-4.0, -1.0, -5.0, -9.0), "duplicates": (0, 1, 2, 2.9)}
    rows = [("classifier", "recall", "nothing", 0.0, 0.5, 0.48, 0.01)]
    for change, units in moves.items():
        for share, unit in zip(SHARES, units, strict=True):
            rows.append(("classifier", "recall", change, share, 0.5 + 0.01 * unit, 0.48, 0.01))
    for space, start in (("classifier", 30.0), ("self_supervised", 0.4)):
        rows.append((space, "frechet_distance", "nothing", 0.0, start, start, start / 10))
        for change, factor in {"blur": 2.0, "noise": -0.5, "duplicates": 1.2}.items():
            rows += [(space, "frechet_distance", change, share, factor * start, start, start / 10) for share in SHARES]
    return pd.DataFrame(rows, columns=script["COLUMNS"])


def test_a_change_is_seen_from_the_share_on_from_which_it_stays_seen(
    script: dict[str, Any], table: pd.DataFrame
) -> None:
    found = script["seen"](table)
    assert found.loc[("classifier", "recall")].to_dict() == pytest.approx(
        {"blur": 0.1, "noise": 0.25, "duplicates": float("nan")}, nan_ok=True
    )
    for space in ("classifier", "self_supervised"):
        assert found.loc[(space, "frechet_distance"), ["blur", "noise"]].tolist() == [0.05, 0.05]
        assert pd.isna(found.loc[(space, "frechet_distance"), "duplicates"])


def test_the_tables_have_a_row_a_metric_and_space(script: dict[str, Any], table: pd.DataFrame) -> None:
    first, second = script["markdown"](table).split("\n\n")
    assert first.splitlines()[0] == "| metric | blur | noise | duplicates |"
    assert first.splitlines()[2] == f"| {METRICS['recall'].label} | 10% | 25% | – |"
    label = METRICS["frechet_distance"].label
    assert [line.split(" | ")[0] for line in first.splitlines()[3:]] == [f"| {label}", f"| {label}, self-supervised"]
    assert second.splitlines()[2] == f"| {METRICS['recall'].label} | 0.480 ± 0.010 | 0.500 | 0.700 | 0.410 | 0.529 |"
    assert "| −15" in second.splitlines()[3]


def test_the_figure_has_a_panel_a_metric_and_a_line_a_change(script: dict[str, Any], table: pd.DataFrame) -> None:
    drawn = script["figure"](table)
    panels = [axis for axis in drawn.axes if axis.axison]
    assert len(panels) == 3
    assert [len(axis.lines) for axis in panels] == [3, 3, 3]
    (recall,) = (axis for axis in panels if axis.get_title() == METRICS["recall"].label)
    assert recall.lines[0].get_xdata().tolist() == [0, *SHARES]
    assert recall.lines[0].get_ydata().tolist() == pytest.approx([0.5, 0.529, 0.531, 0.6, 0.7])
