"""Figures of the Fréchet distance on the test split, at the end of the budget: by arm, and paired by seed.

Every seed is drawn as its own mark; a bar stands for the median.
"""

import math
import textwrap
from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest

import numpy as np
from matplotlib.axes import Axes

from aeaug.report.collect import Arm, Group
from aeaug.report.comparison import Comparison
from aeaug.report.drawing import INK, Chart, Style, canvas, chart, folded, ring
from aeaug.report.scales import log_scale, ratio_scale
from aeaug.report.table import short

__all__ = ["frechet_by_arm", "paired_differences"]


def frechet_by_arm(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """FD of every seed by arm, with the floors it is read against; None before any run is done."""
    distances = [[m.frechet_distance for m in arm.test().values()] for arm in group.arms]
    if not any(distances):
        return None
    decoded = [_floor([arm], "decoded") for arm in group.arms]
    lines = {
        "another real sample": _floor(group.arms, "real"),
        "copy of the subset": _floor(group.arms, "copy"),
    }
    shown = [value for value in (*chain(*distances), *decoded, *lines.values()) if value is not None]
    low, high = min(shown) / 1.25, max(shown) * 1.2
    with canvas(1.3 + 0.46 * len(group.arms)) as (figure, axes):
        for row, (arm, values, mark) in enumerate(zip(group.arms, distances, decoded, strict=True)):
            look = looks[arm.variant]
            axes.plot(values, _lanes(row, len(values), 0.15), **look.marks())
            if values:
                axes.plot([float(np.median(values))] * 2, [row - 0.4, row + 0.4], **look.bar())
            if mark is not None:
                axes.plot(mark, row, **ring(look.colour))
        log_scale(axes, "x", low, high)
        for place, (label, value) in enumerate(lines.items()):
            if value is not None:
                _floor_line(axes, value, label, place, to_the_right=value < math.sqrt(low * high))
        lost = [f"\n{arm.count('diverged')} diverged" if arm.count("diverged") else "" for arm in group.arms]
        _rows(axes, [arm.name for arm in group.arms], lost)
        axes.set_xlabel("Fréchet distance to the test split (log scale)")
    return chart(
        figure,
        f"frechet-by-arm-{group.size}",
        "Fréchet distance of every run",
        "Each mark is one seed, the bar the median; further left is better. The dashed line is the "
        "distance between another real sample and the test split, the least a perfect generator would "
        "show; the dotted line is the training subset in place of generated images; a ring is the images "
        "the autoencoder fed to that arm.",
        "how sure the order of the arms is: seeds are paired, so see the paired differences. Diverged runs"
        " have no mark.",
    )


def paired_differences(group: Group, comparisons: Sequence[Comparison], looks: Mapping[str, Style]) -> Chart | None:
    """Relative change of FD against the control, one line a seed; None where nothing is paired."""
    rows = [(row.treatment, row.paired) for row in comparisons if row.paired is not None]
    if not rows or group.control is None:
        return None
    ends = [0.0, *(value for _, pair in rows for value in (*pair.differences, *(pair.interval or ())))]
    pad = 0.06 * (max(ends) - min(ends)) or 0.05
    low, high = min(ends) - pad, max(ends) + pad
    with canvas(1.0 + 0.62 * len(rows)) as (figure, axes):
        for place, (arm, pair) in enumerate(rows):
            look = looks[arm.variant]
            if pair.interval is not None:
                left, right = pair.interval
                axes.barh(place, right - left, left=left, height=0.72, color=look.colour, alpha=0.16, linewidth=0)
            lanes = _lanes(place, len(pair.seeds), 0.25)
            axes.hlines(lanes, 0, pair.differences, color=look.colour, linewidth=1.3)
            axes.plot(pair.differences, lanes, **look.marks())
            axes.plot([pair.median] * 2, [place - 0.38, place + 0.38], **look.bar())
        axes.axvline(0, color=INK, linewidth=1.1)
        _rows(axes, [arm.name for arm, _ in rows])
        ratio_scale(axes, "x", low, high)
        axes.set_xlabel(textwrap.fill(f"FD relative to {short(group.control.name)}, same seed (ratio scale)", 44))
    return chart(
        figure,
        f"paired-differences-{group.size}",
        f"Paired differences against {group.control.name}",
        f"Each line goes from one seed's {group.control.name} run (0%) to the same seed with that arm; "
        "left of zero the arm has the lower FD. The bar is the median, a shaded band its 95% bootstrap "
        "interval, drawn only from 6 pairs on. The scale is that of ratios: halving and doubling are "
        "equally far from zero.",
        "seeds whose run in either arm is missing, unfinished, failed or diverged.",
    )


def _lanes(row: int, count: int, reach: float) -> list[float]:
    """Heights for `count` marks around `row`, so that equal values stay apart."""
    return [float(lane) for lane in row + np.linspace(-reach, reach, count)] if count > 1 else [float(row)] * count


def _rows(axes: Axes, labels: Sequence[str], notes: Sequence[str] = ()) -> None:
    axes.set_yticks(
        range(len(labels)),
        [folded(label, 20) + note for label, note in zip_longest(labels, notes, fillvalue="")],
    )
    axes.set_ylim(len(labels) - 0.45, -0.55)
    axes.grid(visible=False, axis="y")


def _floor(arms: Sequence[Arm], name: str) -> float | None:
    values = [floor.frechet_distance for arm in arms for floor in arm.floors(name).values()]
    return float(np.median(values)) if values else None


def _floor_line(axes: Axes, value: float, label: str, place: int, *, to_the_right: bool) -> None:
    axes.axvline(value, color=INK, linewidth=1.1, linestyle=((0, (4, 2)), (0, (1, 1.5)))[place])
    axes.annotate(
        label,
        (value, 1),
        (3 if to_the_right else -3, 13 - 11 * place),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="left" if to_the_right else "right",
        fontsize=8.5,
    )
