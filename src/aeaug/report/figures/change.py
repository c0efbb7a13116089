"""Paired change of FD against the control: by size of the training set, by any number that a sweep varies, by arm."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from aeaug.report.comparison import Comparison, compare, reach
from aeaug.report.figures.drawing import (
    INK,
    Chart,
    Style,
    chart,
    folded,
    legend,
    panels,
    ratio_scale,
    styles,
    thousands,
)
from aeaug.report.results import Results
from aeaug.report.statistics import MINIMUM_PAIRS
from aeaug.run.metrics import METRICS

__all__ = ["change_by_axis", "change_by_size", "paired_differences"]

_FD = METRICS["frechet_distance"]
_APART = 0.02  # of the axis' length, between arms at the same place
_BARS = (
    f"Points are medians over pairs of seeds. Bars are 95% intervals of the median from {MINIMUM_PAIRS} pairs on, and "
    "reach from the smallest to the largest change below. The scale is that of ratios: halving and doubling are equally "
    "far from zero. Pairs with a run that is not done are not in it."
)

Line = dict[float, Comparison]  # by the place on the axis


def change_by_size(results: Results) -> Chart | None:
    """Over the number of training images, one line an arm; None below two sizes with pairs."""
    rows = [row for row in compare(results, _FD) if row.paired is not None]
    whole = max((int(run.counts.get("data.n_train", 0)) for run in results.runs), default=0)
    lines: dict[str, Line] = {}
    for row in rows:
        name = row.treatment.name if len(results.families) == 1 else f"{row.treatment.name} ({row.group.family})"
        lines.setdefault(name, {})[row.group.n_train or whole] = row
    if len({place for line in lines.values() for place in line}) < 2:
        return None
    return _over(results, lines, "training images", "change-by-size", "Change of FD by training-set size", _BARS)


def change_by_axis(results: Results) -> list[Chart]:
    """Over every other number that a sweep varies, one line for arms that are alike but for it."""
    rows = [row for row in compare(results, _FD) if row.paired is not None]
    keys = dict.fromkeys(key for row in rows for key in row.treatment.settings if key != "data.n_train")
    found = []
    for key in keys:
        lines: dict[str, Line] = {}
        alike: dict[tuple[object, ...], list[tuple[float, Comparison]]] = {}
        for row in rows:
            value = _number(row.treatment.settings.get(key))
            if value is not None:
                rest = tuple(
                    sorted((k, v) for k, v in row.treatment.settings.items() if k not in (key, "data.n_train"))
                )
                alike.setdefault((row.group.family, row.group.n_train, rest), []).append((value, row))
        for members in alike.values():
            if len({value for value, _ in members}) > 1:
                row = members[0][1]
                name = ",".join(part for part in row.treatment.name.split(",") if not part.startswith(f"{key}="))
                label = f"{name}, {results.title(row.group)}" if len(results.groups) > 1 else name
                lines[label] = dict(members)
        if lines:
            slug = key.replace(".", "-").replace("_", "-")
            found.append(_over(results, lines, key, f"change-by-{slug}", f"Change of FD by {key}", _BARS))
    return found


def paired_differences(results: Results) -> Chart | None:
    """Relative change of FD against the control, one mark a seed; None where nothing is paired."""
    rows = [row for row in compare(results, _FD) if row.paired is not None]
    groups = [group for group in results.groups if any(row.group is group for row in rows)]
    if not groups:
        return None
    looks, most = styles(results), max(sum(row.group is group for row in rows) for group in groups)
    low, high = _ends(rows)
    with panels(results, groups, 1.1 + 0.5 * most) as (figure, axes):
        for column, group in zip(axes[0], groups, strict=True):
            here = [row for row in rows if row.group is group]
            for place, row in enumerate(here):
                assert row.paired is not None
                look = looks[row.treatment.name]
                differences = row.paired.differences
                lanes = place + np.linspace(-0.22, 0.22, len(differences)) if len(differences) > 1 else [place]
                column.hlines(lanes, 0, differences, color=look.colour, linewidth=1.2)
                column.plot(differences, lanes, **look.marks())
                column.plot([row.paired.median] * 2, [place - 0.36, place + 0.36], color=look.colour, linewidth=2.4)
                if row.paired.interval:
                    column.barh(place, np.ptp(row.paired.interval), left=row.paired.interval[0], height=0.7,
                                color=look.colour, alpha=0.16)  # fmt: skip
            column.axvline(0, color=INK, linewidth=1.1)
            column.set_yticks(range(len(here)), [folded(row.treatment.name, 22) for row in here])
            column.set_ylim(len(here) - 0.45, -0.55)
            column.grid(visible=False, axis="y")
            ratio_scale(column.xaxis, low, high)
            names = dict.fromkeys(row.control.name for row in here)
            column.set_xlabel(folded(f"FD relative to {' or '.join(names)}, same seed", 40))
    return chart(
        figure,
        "paired-differences",
        "Paired differences of FD",
        "Each line is one seed, from its control's run (0%) to the same seed with that arm; left of zero the arm has "
        "the lower FD. The thick bar is the median, a shaded band its 95% interval, from 6 pairs on.",
    )


def _over(results: Results, lines: Mapping[str, Line], label: str, key: str, title: str, caption: str) -> Chart:
    looks = styles(results)
    places = sorted({place for line in lines.values() for place in line})
    logarithmic = places[0] > 0 and places[-1] / places[0] >= 4
    span = math.log(places[-1] / places[0]) if logarithmic else places[-1] - places[0]
    low, high = _ends([row for line in lines.values() for row in line.values()])
    many = len(lines) > len({row.treatment.name for line in lines.values() for row in line.values()})
    with panels(results, results.groups[:1], 3.0) as (figure, axes):
        (column,) = axes[0]
        column.set_title("")
        column.axhline(0, color=INK, linewidth=1.1, zorder=1.5)
        for rank, (name, line) in enumerate(lines.items()):
            shift = (rank - (len(lines) - 1) / 2) * _APART * span
            look = looks[next(iter(line.values())).treatment.name]
            x = [place * math.exp(shift) if logarithmic else place + shift for place in sorted(line)]
            _bars(column, x, [line[place] for place in sorted(line)], look, name, "--" if many and rank % 2 else "-")
        if logarithmic:
            column.set_xscale("log")
        column.xaxis.set_major_locator(FixedLocator(places))
        column.xaxis.set_minor_locator(NullLocator())
        column.xaxis.set_major_formatter(FuncFormatter(thousands))
        ratio_scale(column.yaxis, low, high)
        column.set_xlabel(label)
        column.set_ylabel("FD against the control, same seed")
        legend(figure, axes)
    return chart(figure, key, title, caption)


def _bars(axes: Axes, x: Sequence[float], rows: Sequence[Comparison], look: Style, name: str, dash: str) -> None:
    pairs = [row.paired for row in rows if row.paired is not None]
    middle = np.array([pair.median for pair in pairs])
    ends = np.array([reach(pair) for pair in pairs])
    bars = np.abs(ends.T - middle)
    axes.errorbar(x, middle, bars, color=look.colour, linewidth=1.1, linestyle="none", capsize=2.5)
    axes.plot(x, middle, label=name, linewidth=1.7, **(look.marks(6) | {"linestyle": dash}))


def _ends(rows: Sequence[Comparison]) -> tuple[float, float]:
    found = [0.0, *(value for row in rows if row.paired for value in (*row.paired.differences, *reach(row.paired)))]
    room = 0.06 * (max(found) - min(found)) or 0.05
    return min(found) - room, max(found) + room


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
