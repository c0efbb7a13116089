"""An evaluation in a terminal: metrics down, the measured images and their floors across."""

import math
from collections.abc import Sequence

from aeaug.evaluation import Metrics
from aeaug.report.metrics import METRICS, Metric
from aeaug.report.records import Metrics as Measured
from aeaug.report.table import NONE, number
from aeaug.run.again.evaluation import Evaluation

__all__ = ["table"]

ARROWS = {"lower": "↓", "higher": "↑", "neither": " "}
DIGITS = 5
BETTER = "↓ lower is better, ↑ higher is better"


def table(evaluation: Evaluation) -> str:
    """Title, a row for each metric that is measured of a set of images, and remarks; less than 100 columns wide."""
    sets: dict[str, Metrics] = {evaluation.column: evaluation.record["test"], **evaluation.record["floors"]}
    columns = [Measured.model_validate(metrics) for metrics in sets.values()]
    shown = [metric for metric in METRICS.values() if metric.measure is not None]
    rows = [["", *sets], *([f"{ARROWS[m.better]} {m.label}", *_texts(m, columns)] for m in shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_aligned(row, widths) for row in rows]
    rule = "─" * max(map(len, lines))
    notes = [f"  {metric.label}: {metric.meaning}" for metric in shown if metric.better == "neither"]
    text = [evaluation.title, rule, lines[0], rule, *lines[1:], rule, BETTER, *notes]
    return "\n".join([*text, *(["", *evaluation.remarks] if evaluation.remarks else [])])


def _texts(metric: Metric, columns: Sequence[Measured]) -> list[str]:
    assert metric.measure is not None
    values = [metric.measure(measured) for measured in columns]
    largest = max((abs(value) for value in values if value), default=1.0)
    # The metric's own decimals, unless they are noise beside so large a number.
    places = max(0, min(metric.places, DIGITS - 1 - math.floor(math.log10(largest))))
    return [NONE if value is None else number(value, places) for value in values]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True))]
    return "  ".join(cells).rstrip()
