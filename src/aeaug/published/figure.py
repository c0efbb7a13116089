"""The README's figure: paired change of FD by size of the training set, and against images shown.

What is drawn is one tree of numbers, :func:`drawn`, which stands in the PNG too, under ``Description``: a test compares
that with what the table says today, for the same numbers are other bytes with another Matplotlib.
"""

import io
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from PIL import Image

from aeaug.report.figures.axes import ratio_scale, thousands
from aeaug.report.figures.course import band
from aeaug.report.figures.drawing import INK, STYLE, Style, legend, styles
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import Comparison, compare
from aeaug.report.statistics.course import paired_course
from aeaug.run.metrics import METRICS

__all__ = ["drawn", "drawn_in", "png"]

Line = list[list[float]]
"""Points: place on the axis, change of log FD, and the ends of what it stands beside."""

_DIGITS = 5
_APART = 0.025  # of the logarithm of the axis' length, between arms at one size
_HEIGHTS, _WIDTH = (3.3, 3.0), 3.6  # inches


def drawn(results: Results) -> dict[str, dict[str, Any]]:
    """``sizes``: by arm the test FD at the end, a point a size. ``courses``: by size and arm the validation FD, a point
    a reading. Of the arms that are compared at every size, or where there are none at any."""
    rows = [row for row in compare(results, METRICS["frechet_distance"], tested=False) if row.paired is not None]
    by_arm: dict[str, list[Comparison]] = {}
    for row in rows:
        by_arm.setdefault(row.treatment.name, []).append(row)
    everywhere = {arm: found for arm, found in by_arm.items() if len(found) == len(results.groups)}
    shown = everywhere or by_arm
    sizes = {arm: [_point(row) for row in found] for arm, found in shown.items()}
    courses: dict[str, dict[str, Line]] = {}
    for arm, found in shown.items():
        for row in found:
            if (course := paired_course(results, row.group, row.treatment, row.control)) is not None:
                low, high, _ = band(course)
                points = np.stack([course.images, course.change, low, high], axis=1)
                courses.setdefault(row.group.size, {})[arm] = [_rounded(point) for point in points.tolist()]
    order = {group.size: courses[group.size] for group in results.groups if group.size in courses}
    return {"sizes": sizes, "courses": order}


def png(results: Results) -> bytes | None:
    """The figure; None before there is a pair."""
    tree = drawn(results)
    if not tree["sizes"]:
        return None
    looks, panels = styles(results), max(1, len(tree["courses"]))
    with mpl.rc_context(fname=STYLE):
        figure = Figure(figsize=(max(2, panels) * _WIDTH, sum(_HEIGHTS)), layout="constrained")
        grid = figure.add_gridspec(2, panels, height_ratios=_HEIGHTS)
        top = figure.add_subplot(grid[0, :])
        _by_size(top, tree["sizes"], looks)
        beneath: list[Any] = []
        for place, (size, lines) in enumerate(tree["courses"].items()):
            beneath.append(figure.add_subplot(grid[1, place], sharey=beneath[0] if beneath else None))
            _over_training(beneath[-1], lines, looks)
            beneath[-1].set_title(f"{size} training images: over training")
        if beneath:
            _changes(beneath[0], [line for lines in tree["courses"].values() for line in lines.values()])
            beneath[0].set_ylabel("validation FD against the control")
        legend(figure, [top])
        file = io.BytesIO()
        figure.savefig(file, format="png", metadata={"Software": None, "Description": json.dumps(tree)})
    return file.getvalue()


def drawn_in(file: bytes) -> Any:
    """What was drawn in a figure of :func:`png`."""
    with Image.open(io.BytesIO(file)) as image:
        return json.loads(image.info["Description"])


def _point(row: Comparison) -> list[float]:
    assert row.paired is not None
    size = row.group.n_train or max(int(run.counts.get("data.n_train", 0)) for run in row.treatment.runs)
    return _rounded([size, row.paired.mean, *(row.interval or row.paired.span)])


def _rounded(point: Sequence[float]) -> list[float]:
    return [round(value, _DIGITS) for value in point]


def _by_size(panel: Any, lines: Mapping[str, Line], looks: Mapping[str, Style]) -> None:
    panel.axhline(0, color=INK, linewidth=1.1, zorder=1.5)
    places = sorted({point[0] for line in lines.values() for point in line})
    span = math.log(places[-1] / places[0]) or 1.0
    for rank, (name, line) in enumerate(lines.items()):
        shift = math.exp((rank - (len(lines) - 1) / 2) * _APART * span)
        x, y, low, high = np.array(line).T
        look, ends = looks[name], (y - low, high - y)
        panel.errorbar(x * shift, y, ends, color=look.colour, linewidth=1.1, linestyle="none", capsize=2.5)
        panel.plot(x * shift, y, label=name, linewidth=1.5, **(look.marks(6) | {"linestyle": "-"}))
    panel.set_xscale("log")
    panel.xaxis.set_major_locator(FixedLocator(places))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    _changes(panel, list(lines.values()))
    panel.set(title="At the end of the budget, on test images", xlabel="training images")
    panel.set_ylabel("FD against the control")


def _over_training(panel: Any, lines: Mapping[str, Line], looks: Mapping[str, Style]) -> None:
    panel.axhline(0, color=INK, linewidth=1.1, zorder=1.5)
    for name, line in lines.items():
        x, y, low, high = np.array(line).T
        look = looks[name]
        panel.fill_between(x, low, high, color=look.colour, alpha=0.1, linewidth=0)
        marks = look.marks(4) | {"linestyle": "-", "markevery": max(1, len(x) // 6)}
        panel.plot(x, y, linewidth=1.4, **marks)
    panel.set_xlim(left=0)
    panel.xaxis.set_major_formatter(thousands)
    panel.set_xlabel("images shown")


def _changes(panel: Any, lines: Sequence[Line]) -> None:
    """An axis of changes that has all points, with the ends of what they stand beside."""
    ends = [0.0, *(value for line in lines for point in line for value in point[1:] if math.isfinite(value))]
    room = 0.06 * (max(ends) - min(ends)) or 0.05
    ratio_scale(panel.yaxis, min(ends) - room, max(ends) + room)
