"""Figures over the number of training images: where, on the way from few images to many, does an arm help?

One line an arm, drawn where an experiment has two sizes or more. Error bars are 95% bootstrap intervals of the median
from six values on, and reach from smallest to largest below: six are the least a median's interval can be taken of.
"""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from aeaug.report.collect import Experiment, Group
from aeaug.report.comparison import Comparison
from aeaug.report.drawing import INK, Chart, Style, canvas, chart, legend
from aeaug.report.metrics import METRICS
from aeaug.report.scales import log_scale, ratio_scale, thousands
from aeaug.report.statistics import MINIMUM_PAIRS, interval
from aeaug.report.table import short

__all__ = ["change_by_size", "frechet_by_size"]

_FD = METRICS["frechet_distance"]
_APART = 0.018  # of the axis' length, between arms at the same size
_FLOORS = {"real": ("another real sample", (0, (4, 2))), "copy": ("copy of the subset", (0, (1, 1.5)))}


def frechet_by_size(experiment: Experiment, looks: Mapping[str, Style]) -> Chart | None:
    """FD over the number of training images, one line an arm; None below two sizes with a number."""
    sizes = _sizes(experiment)
    lines = _lines(experiment, sizes)
    if sum(any(line.get(size) for line in lines.values()) for size in sizes.values()) < 2:
        return None
    seen: list[float] = []
    with canvas(3.4) as (figure, axes):
        for place, (variant, line) in enumerate(lines.items()):
            _line(axes, line, place - (len(lines) - 1) / 2, looks[variant], _name(experiment, variant))
            seen += [value for values in line.values() for value in values]
        for name, (label, dash) in _FLOORS.items():
            floor = {sizes[group.size]: value for group in experiment.groups if (value := _floor(group, name))}
            if floor:
                axes.plot(list(floor), list(floor.values()), color=INK, linewidth=1.1, linestyle=dash, label=label)
                seen += floor.values()
        _over_sizes(axes, sizes)
        log_scale(axes, "y", min(seen) / 1.2, max(seen) * 1.2)
        axes.set_ylabel("FD to the test split (log scale)")
        legend(figure, axes.get_legend_handles_labels()[1])
    few = _few([values for line in lines.values() for values in line.values()])
    return chart(
        figure,
        "frechet-by-size",
        "Fréchet distance by training-set size",
        f"Lines are medians over seeds. {few} Arms stand a little apart so that their bars can be told apart. The "
        "dashed line is another real sample, the dotted one the training subset in place of generated images.",
        "pairs: seeds are paired within a size, so read differences between arms off the next figure. Diverged runs.",
    )


def change_by_size(
    experiment: Experiment, comparisons: Sequence[Comparison], looks: Mapping[str, Style]
) -> Chart | None:
    """Paired change of FD against the control over the number of training images; None below two sizes with pairs."""
    sizes = _sizes(experiment)
    lines: dict[str, dict[float, list[float]]] = {}
    for row in comparisons:
        if row.paired is not None:
            size = next(sizes[g.size] for g in experiment.groups if any(arm is row.treatment for arm in g.arms))
            lines.setdefault(row.treatment.name, {})[size] = list(row.paired.differences)
    if len({size for line in lines.values() for size in line}) < 2:
        return None
    found = {row.treatment.name: looks[row.treatment.variant] for row in comparisons}
    ends = [0.0, *(value for line in lines.values() for values in line.values() for value in values)]
    room = 0.06 * (max(ends) - min(ends)) or 0.05
    with canvas(3.4) as (figure, axes):
        axes.axhline(0, color=INK, linewidth=1.1, zorder=1.5)
        for place, (name, line) in enumerate(lines.items()):
            _line(axes, line, place - (len(lines) - 1) / 2, found[name], name)
        _over_sizes(axes, sizes)
        ratio_scale(axes, "y", min(ends) - room, max(ends) + room)
        controls = " or ".join(dict.fromkeys(row.control.name for row in comparisons))
        axes.set_ylabel(textwrap.fill(f"FD relative to {short(controls)}, same seed", 40))
        legend(figure, list(lines))
    few = _few([values for line in lines.values() for values in line.values()])
    return chart(
        figure,
        "change-by-size",
        "Paired change by training-set size",
        f"Median over pairs of seeds of FD relative to the control, 0%; below it the arm has the lower FD. {few}",
        "seeds that are not done in both arms.",
    )


def _sizes(experiment: Experiment) -> dict[str, float]:
    """Number of training images of each group by its name; of the whole pool, as many as it had."""
    found = {}
    for group in experiment.groups:
        results = (run.results for arm in group.arms for run in arm.runs if run.results)
        count = group.n_train or next((result.data.n_train for result in results), None)
        if count is not None:
            found[group.size] = float(count)
    return found


def _lines(experiment: Experiment, sizes: Mapping[str, float]) -> dict[str, dict[float, list[float]]]:
    """Values by size for each arm, under the variant it has at the first size."""
    first: dict[str, str] = {}
    lines: dict[str, dict[float, list[float]]] = {}
    for group in experiment.groups:
        for arm in group.arms:
            values = [value for run in arm.runs if (value := _FD.of(run)) is not None]
            if values and group.size in sizes:
                lines.setdefault(first.setdefault(arm.name, arm.variant), {})[sizes[group.size]] = values
    return lines


def _name(experiment: Experiment, variant: str) -> str:
    return next(arm.name for group in experiment.groups for arm in group.arms if arm.variant == variant)


def _line(axes: Axes, line: Mapping[float, Sequence[float]], shift: float, look: Style, label: str) -> None:
    """Medians joined by a line, each with its interval, moved by `shift` lanes along the logarithmic x axis."""
    at = sorted(line)
    x = [size * 10 ** (_APART * 2 * shift) for size in at]
    middle = [float(np.median(line[size])) for size in at]
    for place, size, value in zip(x, at, middle, strict=True):
        low, high = interval(line[size]) if len(line[size]) >= MINIMUM_PAIRS else (min(line[size]), max(line[size]))
        axes.plot([place] * 2, [low, high], color=look.colour, linewidth=2.2, alpha=0.45, solid_capstyle="butt")
        axes.plot(place, value, **look.marks(7))
    axes.plot(x, middle, label=label, linewidth=1.8, **(look.marks(7) | {"linestyle": look.dash}))


def _over_sizes(axes: Axes, sizes: Mapping[str, float]) -> None:
    at = sorted(sizes.values())
    axes.set_xscale("log")
    axes.set_xlim(at[0] / 1.25, at[-1] * 1.25)
    axes.xaxis.set_major_locator(FixedLocator(at))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(thousands))
    axes.set_xlabel("training images (log scale)")


def _floor(group: Group, name: str) -> float | None:
    values = [found for arm in group.arms for run in arm.runs if (found := _FD.of_floor(run, name)) is not None]
    return float(np.median(values)) if values else None


def _few(values: Sequence[Sequence[float]]) -> str:
    counts = [len(found) for found in values]
    if min(counts) >= MINIMUM_PAIRS:
        return "Bars are 95% bootstrap intervals of the median."
    if max(counts) < MINIMUM_PAIRS:
        return f"Bars reach from the smallest value to the largest: fewer than {MINIMUM_PAIRS} give no interval."
    return (
        f"Bars are 95% bootstrap intervals of the median where there are {MINIMUM_PAIRS} values or more, and reach "
        "from the smallest to the largest where there are fewer."
    )
