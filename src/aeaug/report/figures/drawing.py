"""How a figure looks, once for all of them: sizes, a colour and a marker for each arm, panels, axes.

Arm colours are those of Okabe & Ito (2008), darkened to a contrast of at least 3:1 on white; controls are grey. Arms
differ by marker too, so no figure is read by colour alone. Arms are filled marks, floors are lines and rings.
"""

import io
import tomllib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from aeaug.report.arms import Group
from aeaug.report.figures.axes import folded
from aeaug.report.results import Results

__all__ = ["INK", "LINE", "MUTED", "REAL_LINE", "STYLE", "Chart", "Style", "chart", "legend", "panels", "stacked",
           "styles"]  # fmt: skip

INK, MUTED, LINE = "#1c2024", "#5f6872", "#d5dade"
REAL_LINE = (0, (4, 2))
_GREYS = ("#6b737b", "#a3abb3", "#40474e")
_COLOURS = ("#0067a3", "#c24e00", "#00805c", "#a8508a", "#8a6d00", "#6b3f1d", "#7a4fc0", "#b02a37")
_MARKERS = "osD^vPXh"
_WIDTH, _HEIGHT = 4.3, 3.1  # inches of one panel
_LINE_OF_LEGEND, _MARK_OF_LEGEND, _CHARACTER_OF_LEGEND = 0.2, 0.5, 0.07  # inches
TEMPLATES = Path(__file__).parents[1] / "templates"
CAPTIONS: dict[str, dict[str, str]] = tomllib.loads((TEMPLATES / "captions.toml").read_text(encoding="utf-8"))
STYLE = TEMPLATES / "figures.mplstyle"


@dataclass(frozen=True)
class Chart:
    """A drawn figure; ``caption``: how to read it, and what it does not show; a ``wide`` one has several panels."""

    key: str
    title: str
    caption: str
    png: bytes
    svg: bytes
    wide: bool = False


@dataclass(frozen=True)
class Style:
    """The look of one arm."""

    colour: str
    marker: str

    def marks(self, size: float = 5.5) -> dict[str, Any]:
        """Keywords of a plot of filled marks without a line."""
        line = {"linestyle": "none", "marker": self.marker, "color": self.colour}
        return line | {"markersize": size, "markeredgecolor": "white", "markeredgewidth": 0.7}


def styles(results: Results) -> dict[str, Style]:
    """The look of every arm by its name, the same in all figures."""
    controls = dict.fromkeys(control.name for group in results.groups for _, control in group.compared)
    others = dict.fromkeys(arm.name for group in results.groups for arm in group.arms if arm.name not in controls)
    looks = {name: Style(_GREYS[n % len(_GREYS)], "o") for n, name in enumerate(controls)}
    for n, name in enumerate(others):
        looks[name] = Style(_COLOURS[n % len(_COLOURS)], _MARKERS[1:][n % (len(_MARKERS) - 1)])
    return looks


@contextmanager
def panels(results: Results, groups: Sequence[Group], height: float = _HEIGHT, rows: int = 1) -> Iterator[Any]:
    """A figure and its axes ``(rows, len(groups))``, a column for each of ``groups``, titled if they are several."""
    with mpl.rc_context(fname=STYLE):
        columns = max(1, len(groups))
        width = _WIDTH if columns == 1 else 1.0 + 3.4 * columns
        figure = Figure(figsize=(width, height * rows), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
        for column, group in zip(axes[0], groups, strict=False):
            if len(results.groups) > 1:
                column.set_title(results.title(group))
        yield figure, axes


@contextmanager
def stacked(heights: Sequence[float], widths: Sequence[float]) -> Iterator[Any]:
    """A figure and its axes ``(len(heights), len(widths))`` of these sizes in inches, labels among them."""
    with mpl.rc_context(fname=STYLE):
        figure = Figure(figsize=(sum(widths), sum(heights)), layout="constrained")
        grid = len(heights), len(widths)
        yield figure, figure.subplots(*grid, squeeze=False, height_ratios=heights, width_ratios=widths)


def chart(figure: Figure, key: str, title: str = "", words: str = "") -> Chart:
    """Draw ``figure``, with the caption of ``words``, by default its key's, under ``title`` or the caption's own. What
    is drawn does not depend on the time or the process."""
    found = {}
    with mpl.rc_context(fname=STYLE):
        figure.draw_without_rendering()  # lays it out, which takes most of the time; once for both forms
        figure.set_layout_engine(None)  # a placeholder, "none", would have each form drawn twice
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        buffer = io.BytesIO()
        with mpl.rc_context({"svg.hashsalt": key}, STYLE):
            figure.savefig(buffer, format=kind, metadata=metadata)
        found[kind] = buffer.getvalue()
    said = CAPTIONS.get(words or key, {"title": "", "caption": ""})
    wide = figure.get_figwidth() > _WIDTH
    return Chart(key, title or said["title"], said["caption"], found["png"], found["svg"], wide)


def legend(figure: Figure, axes: Any) -> None:
    """One legend under all panels, each label once."""
    handles: dict[str, Any] = {}
    columns = 2 if figure.get_figwidth() <= _WIDTH else 3
    characters = int((figure.get_figwidth() / columns - _MARK_OF_LEGEND) / _CHARACTER_OF_LEGEND)
    for one in np.ravel(axes):
        for handle, label in zip(*one.get_legend_handles_labels(), strict=True):
            handles.setdefault(folded(label, characters), handle)
    if handles:
        # The panels' height has room for two lines of it; more would be taken from what is drawn.
        lines = _lines(handles, columns)
        figure.set_figheight(figure.get_figheight() + _LINE_OF_LEGEND * max(0, lines - 2))
        figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=columns, fontsize=8.5)


def _lines(labels: Collection[str], columns: int) -> int:
    """Lines of text of a legend: its entries stand in columns, and each line of them is as high as its highest."""
    heights = [1 + label.count("\n") for label in labels]
    rows = -(-len(heights) // columns)
    return sum(max(heights[row::rows]) for row in range(rows))
