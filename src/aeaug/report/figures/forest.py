"""Forest plots: an estimate and its interval a line, the same in words, and how often pairs are won beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.reading import amount
from aeaug.report.figures.axes import difference_scale, folded
from aeaug.report.figures.drawing import INK, LINE, MUTED, Chart, Style, chart, stacked
from aeaug.report.statistics.exact_test import Paired
from aeaug.report.statistics.probability import Improvement

__all__ = ["Block", "Line", "forest"]

_ROW, _AROUND = 0.245, 0.6  # inches: of a line, of an axis' labels
_OPEN, _GAP = 0.8, 1.2  # of a line: one with an open mark, what is between blocks
_WIDTHS = (6.2, 2.8)  # inches: estimates with their words, probabilities with theirs
_TITLE = {"ha": "left", "va": "bottom", "fontsize": 8.5, "color": INK, "zorder": 4}
_BACK = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}


@dataclass(frozen=True)
class Line:
    """One estimate: ``open`` with an open mark, ``strong`` with a large one; ``ends``: as far as it may reach wherever
    diverged pairs are placed."""

    name: str
    paired: Paired
    better: Improvement | None
    words: str = ""
    open: bool = False
    strong: bool = False
    ends: tuple[float, float] | None = None


@dataclass(frozen=True)
class Block:
    """The lines of one question; ``zone``: the effects that do not matter."""

    title: str
    metric: Metric
    look: Style
    lines: tuple[Line, ...]
    zone: tuple[float, float] | None = None

    @property
    def head(self) -> str:
        """The title, folded where it is longer than the panel is wide."""
        return folded(self.title, 70)

    @property
    def length(self) -> float:
        """From its title's last line to its own, in lines."""
        return sum(_OPEN if line.open else 1.0 for line in self.lines)


def forest(blocks: Sequence[Block], key: str, share: str) -> Chart | None:
    """A panel for the blocks of each metric, and beside it one of their probabilities."""
    if not blocks:
        return None
    metrics = list(dict.fromkeys(block.metric for block in blocks))
    parts = [[block for block in blocks if block.metric == metric] for metric in metrics]
    lengths = [1.0 + sum(block.head.count("\n") * _OPEN + block.length + _GAP for block in part) for part in parts]
    with stacked([_AROUND + _ROW * length for length in lengths], _WIDTHS) as (figure, axes):
        for (column, margin), part, length in zip(axes, parts, lengths, strict=True):
            names, place = {}, 0.0
            _beside(column, 0.0, 4, f"mean {_between(part)}", color=MUTED)
            _beside(margin, 0.0, 4, "won", color=MUTED)
            place += 1.0
            for block in part:
                place += block.head.count("\n") * _OPEN
                column.text(0.0, place + 0.4, block.head, transform=column.get_yaxis_transform(), bbox=_BACK, **_TITLE)
                if block.zone is not None:
                    low, high = block.zone
                    foot = place + block.length + 0.5
                    column.fill_betweenx([place + 0.5, foot], low, high, color=LINE, alpha=0.55, linewidth=0)
                for line in block.lines:
                    place += _OPEN if line.open else 1.0
                    names[place] = line
                    _estimate(column, margin, place, line, block)
                place += _GAP
            for panel in (column, margin):
                panel.set_ylim(length - 0.4, -0.6)
                panel.grid(visible=False, axis="y")
                panel.tick_params(axis="y", length=0)
                panel.spines["left"].set_visible(False)
            column.set_yticks(list(names), [folded(line.name, 24) for line in names.values()], fontsize=8.5)
            for label, line in zip(column.get_yticklabels(), names.values(), strict=True):
                label.set(fontweight="bold" if line.strong else "normal", color=MUTED if line.open else INK)
            _scale(column, part)
            margin.set_yticks([])
            margin.axvline(0.5, color=INK, linewidth=1.1, zorder=1.5)
            margin.set_xlim(-0.04, 1.04)
            margin.set_xticks([0, 0.5, 1], ["0", "½", "1"])
            margin.set_xlabel(share, fontsize=8.5)
    return chart(figure, key)


def _between(blocks: Sequence[Block]) -> str:
    """What stands behind the means."""
    kinds = {line.paired.enough for block in blocks for line in block.lines}
    return "[95% interval]" if True in kinds else "(range)"


def _scale(column: Any, blocks: Sequence[Block]) -> None:
    metric = blocks[0].metric
    ends = [0.0]
    for block in blocks:
        ends += block.zone or ()
        for line in block.lines:
            ends += [*line.paired.span, *(line.ends or ())]
    column.axvline(0, color=INK, linewidth=1.1, zorder=1.5)
    difference_scale(column.xaxis, metric.scale, ends)
    relation = "relative to" if metric.scale == "log" else "minus"
    column.set_xlabel(f"{metric.label} {relation} that of the control, same seed", fontsize=8.5)


def _estimate(column: Any, margin: Any, place: float, line: Line, block: Block) -> None:
    """A line of the forest: mark and interval, both again as text, probability, words."""
    low, high = line.paired.span
    colour, size = block.look.colour, 7.5 if line.strong else 5.5
    mark = block.look.marks(size) | ({"markerfacecolor": "white", "markeredgecolor": colour} if line.open else {})
    width = 1.1 if line.open else 2.6 if line.strong else 1.8
    dash = "-" if line.paired.enough else (0, (1, 1))
    if line.ends is not None and line.ends != (low, high):
        column.hlines(place, *line.ends, color=colour, linewidth=0.9, linestyle=(0, (1, 1.5)))
    column.hlines(place, low, high, color=colour, linewidth=width, linestyle=dash)
    column.plot(line.paired.mean, place, **mark)
    ends = [amount(end, block.metric) for end in line.ends or (low, high)]
    between = "[{}, {}]" if line.paired.enough else "({} to {})"
    said = f"{amount(line.paired.mean, block.metric)} {between.format(*ends)}"
    colour = MUTED if line.open else INK
    _beside(column, place, 4, said, color=colour)
    if (better := line.better) is not None:
        margin.hlines(place, *better.interval, color=block.look.colour, linewidth=width)
        margin.plot(better.probability, place, **mark)
        _beside(margin, place, 4, f"{better.won}/{better.units}", color=colour)
    _beside(margin, place, 38, folded(line.words, 30), color=colour, fontweight="bold" if line.strong else "normal")


def _beside(panel: Any, place: float, points: float, text: str, **style: Any) -> None:
    """Text so many points to the right of a panel."""
    at = {"xycoords": panel.get_yaxis_transform(), "xytext": (points, 0), "textcoords": "offset points"}
    panel.annotate(text, (1, place), va="center", fontsize=7.8, annotation_clip=False, **at, **style)
