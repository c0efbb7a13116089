"""Paired change of FD against the control, over the size of the training set and any number that a sweep varies."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from aeaug.report.figures.axes import ratio_scale, thousands
from aeaug.report.figures.drawing import INK, Chart, chart, legend, panels, styles
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import Comparison, compare
from aeaug.run.metrics import METRICS

__all__ = ["change_by_axis", "change_by_size"]

_FD = METRICS["frechet_distance"]
_DASHES = ("-", "--", ":", "-.")
_APART = 0.02  # of the axis' length, between arms at the same place

Line = dict[float, Comparison]  # by the place on the axis


def change_by_size(results: Results) -> Chart | None:
    """Over the number of training images, one line an arm; None below two sizes with pairs."""
    lines: dict[str, Line] = defaultdict(dict)
    for row in _paired(results):
        name = row.treatment.name if len(results.families) == 1 else f"{row.treatment.name} ({row.group.family})"
        lines[name][row.group.n_train or _count(row)] = row
    if len({place for line in lines.values() for place in line}) < 2:
        return None
    return _over(results, lines, "training images", "change-by-size", "Change of FD by training-set size")


def change_by_axis(results: Results) -> list[Chart]:
    """Over every other number that a sweep varies, one line for arms that are alike but for it."""
    rows, found = _paired(results), []
    for key in dict.fromkeys(key for row in rows for key in row.treatment.settings if key != "data.n_train"):
        alike: dict[Any, Line] = defaultdict(dict)
        for row in rows:
            settings = row.treatment.settings
            if (value := _number(settings.get(key))) is not None:
                rest = frozenset((k, v) for k, v in settings.items() if k not in (key, "data.n_train"))
                alike[results.title(row.group), rest][value] = row
        lines = {}
        for (title, _), line in alike.items():
            if len(line) > 1:
                parts = next(iter(line.values())).treatment.name.split(",")
                name = ",".join(part for part in parts if not part.startswith(f"{key}="))
                lines[f"{name}, {title}" if len(results.groups) > 1 else name] = line
        if lines:
            slug = key.replace(".", "-").replace("_", "-")
            found.append(_over(results, lines, key, f"change-by-{slug}", f"Change of FD by {key}"))
    return found


def _count(row: Comparison) -> int:
    """How many images are all of its data set's."""
    return max((int(run.counts.get("data.n_train", 0)) for run in row.treatment.runs), default=0)


def _paired(results: Results) -> list[Comparison]:
    return [row for row in compare(results, _FD) if row.paired is not None]


def _over(results: Results, lines: Mapping[str, Line], label: str, key: str, title: str) -> Chart:
    looks, places = styles(results), sorted({place for line in lines.values() for place in line})
    logarithmic = places[0] > 0 and places[-1] / places[0] >= 4
    span = math.log(places[-1] / places[0]) if logarithmic else places[-1] - places[0]
    alike, seen = Counter[str](), [0.0]  # lines of an arm, which has one colour
    with panels(results, results.groups[:1], 3.0) as (figure, axes):
        (column,) = axes[0]
        column.set_title("")
        column.axhline(0, color=INK, linewidth=1.1, zorder=1.5)
        for rank, (name, line) in enumerate(lines.items()):
            shift = (rank - (len(lines) - 1) / 2) * _APART * span
            arm = next(iter(line.values())).treatment.name
            look, dash = looks[arm], _DASHES[alike[arm] % len(_DASHES)]
            alike[arm] += 1
            x = [place * math.exp(shift) if logarithmic else place + shift for place in sorted(line)]
            seen += _draw(column, x, [line[place] for place in sorted(line)], look.marks(6) | {"linestyle": dash}, name)
        if logarithmic:
            column.set_xscale("log")
        column.xaxis.set_major_locator(FixedLocator(places))
        column.xaxis.set_minor_locator(NullLocator())
        column.xaxis.set_major_formatter(FuncFormatter(thousands))
        room = 0.06 * (max(seen) - min(seen)) or 0.05
        ratio_scale(column.yaxis, min(seen) - room, max(seen) + room)
        column.set(xlabel=label, ylabel="FD against the control, same seed")
        legend(figure, axes)
    return chart(figure, key, title, "change")


def _draw(column: Any, x: Sequence[float], rows: Sequence[Comparison], marks: dict[str, Any], name: str) -> list[float]:
    """A line with its bars; the ends of these."""
    pairs = [(row, row.paired) for row in rows if row.paired is not None]
    middle = np.array([pair.mean for _, pair in pairs])
    ends = np.array([row.ends.span if row.ends is not None else pair.span for row, pair in pairs])
    column.errorbar(
        x, middle, np.abs(ends.T - middle), color=marks["color"], linewidth=1.1, linestyle="none", capsize=2.5
    )
    column.plot(x, middle, label=name, linewidth=1.7, **marks)
    return ends.ravel().tolist()


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
