"""Figures of the reported numbers: one evaluation a run, on the test split, at the end of the budget.

Every seed is drawn as its own dot; a bar marks the median. Each figure carries how to read it and what it does not show.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from aeaug.report.collect import Arm, Group
from aeaug.report.comparison import Comparison, change
from aeaug.report.drawing import INK, MUTED, PAPER, Style, canvas, log_ticks, png, svg

__all__ = ["Chart", "class_shares", "frechet_by_arm", "paired_differences", "precision_recall"]


@dataclass(frozen=True)
class Chart:
    """A drawn figure: `svg` for the page, `png` for Markdown, and the two halves of its caption."""

    key: str
    title: str
    reading: str
    limits: str
    svg: str
    png: bytes


def chart(figure: Figure, key: str, title: str, reading: str, limits: str) -> Chart:
    """Render `figure` both ways; `key` names its file and makes its ids unique on the page."""
    return Chart(key, title, reading, limits, svg(figure, key), png(figure))


def frechet_by_arm(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """FD of every seed by arm, with the floors it is read against; None before any run is done."""
    done = [metrics.frechet_distance for arm in group.arms for metrics in arm.test().values()]
    if not done:
        return None
    real = _floor_fd(group.arms, "real")
    copy = _floor_fd(group.arms, "copy")
    decoded = {arm.variant: _floor_fd([arm], "decoded") for arm in group.arms}
    shown = [value for value in (*done, real, copy, *decoded.values()) if value is not None]
    with canvas(1.35 + 0.42 * len(group.arms)) as (figure, axes):
        for row, arm in enumerate(group.arms):
            look = looks[arm.variant]
            _seed_dots(axes, [m.frechet_distance for m in arm.test().values()], row, look)
            if (mark := decoded[arm.variant]) is not None:
                axes.plot(mark, row, marker="|", markersize=15, markeredgewidth=1.6, color=look.colour)
                axes.annotate("decoded", (mark, row), (0, 9), textcoords="offset points", ha="center", color=MUTED,
                              fontsize=8)  # fmt: skip
        _arm_rows(axes, group.arms)
        _log_x(axes, min(shown), max(shown))
        for value, label, dash in ((real, "another real sample", (0, (4, 2))), (copy, "copy of subset", (0, (1, 1.5)))):
            if value is not None:
                axes.axvline(value, color=INK, linewidth=1.1, linestyle=dash)
                side = 1 if value < math.sqrt(min(shown) * max(shown)) else -1
                axes.annotate(label, (value, 1), (3 * side, 2 if label.startswith("copy") else 13),
                              xycoords=("data", "axes fraction"), textcoords="offset points",
                              ha="left" if side > 0 else "right", va="bottom", fontsize=8.5)  # fmt: skip
        axes.set_xlabel("Fréchet distance to the test split (log scale)")
    return chart(
        figure,
        f"frechet-by-arm-{group.n_train}",
        "Fréchet distance of every run",
        "Each dot is one seed, the bar the median; further left is better. The dashed line is the distance between "
        "another real sample and the test split, the least a perfect generator would show; the dotted line is the "
        "training subset shown again in place of generated images; “decoded” marks the images the autoencoder fed to "
        "that arm.",
        "how sure an order of the arms is: seeds are paired, so see the next figure. Diverged runs have no dot.",
    )


def paired_differences(group: Group, comparisons: Sequence[Comparison], looks: Mapping[str, Style]) -> Chart | None:
    """Relative change of FD against the control, one line a seed; None where nothing is paired."""
    rows = [(row, row.paired) for row in comparisons if row.treatment in group.arms and row.paired is not None]
    if not rows or group.control is None:
        return None
    ends = [0.0, *(value for _, pair in rows for value in (*pair.differences, *(pair.interval or ())))]
    with canvas(1.0 + 0.62 * len(rows)) as (figure, axes):
        for place, (row, pair) in enumerate(rows):
            look = looks[row.name]
            lanes = place + np.linspace(-0.24, 0.24, len(pair.seeds)) if len(pair.seeds) > 1 else [float(place)]
            if pair.interval is not None:
                axes.barh(place, pair.interval[1] - pair.interval[0], left=pair.interval[0], height=0.66,
                          color=look.colour, alpha=0.16, linewidth=0)  # fmt: skip
            axes.hlines(lanes, 0, pair.differences, color=look.colour, linewidth=1.3)
            axes.plot(pair.differences, lanes, look.marker, color=look.colour, markersize=5.5, markeredgecolor=PAPER)
            axes.plot([pair.median] * 2, [place - 0.36, place + 0.36], color=look.colour, linewidth=2.4,
                      solid_capstyle="butt")  # fmt: skip
        axes.axvline(0, color=INK, linewidth=1.1)
        axes.set_yticks(range(len(rows)), [row.name for row, _ in rows])
        axes.set_ylim(len(rows) - 0.45, -0.55)
        axes.grid(visible=False, axis="y")
        pad = 0.06 * (max(ends) - min(ends)) or 0.05
        axes.set_xlim(min(ends) - pad, max(ends) + pad)
        ticks = _percent_ticks(min(ends) - pad, max(ends) + pad)
        axes.xaxis.set_major_locator(FixedLocator([math.log1p(tick) for tick in ticks]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * change(x):+.0f}%".replace("-", "−").replace("+0%", "0%")))
        axes.set_xlabel(f"FD relative to {group.control.variant}, same seed (ratio scale)")
    return chart(
        figure,
        f"paired-differences-{group.n_train}",
        f"Paired differences against {group.control.variant}",
        f"Each line joins one seed's {group.control.variant} run (0%) to the same seed with that arm; left of zero the "
        "arm has the lower FD. The tall bar is the median, a shaded band its 95% bootstrap interval, drawn only from "
        "6 pairs on. The scale is that of ratios: halving and doubling are equally far from zero.",
        "seeds whose run in either arm is missing, failed or diverged.",
    )


def precision_recall(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """Precision over recall of every seed, with the floors; None before any run is done."""
    if not any(arm.test() for arm in group.arms):
        return None
    points: list[tuple[float, float]] = []
    with canvas(3.6) as (figure, axes):
        for arm in group.arms:
            look, runs = looks[arm.variant], list(arm.test().values())
            points += [(m.recall, m.precision) for m in runs]
            axes.plot([m.recall for m in runs], [m.precision for m in runs], look.marker, color=look.colour,
                      markersize=6.5, markeredgecolor=PAPER, label=arm.variant)  # fmt: skip
        for name, label in (("real", "real"), ("copy", "copy"), ("decoded", "decoded")):
            for arm in group.arms if name == "decoded" else (None,):
                floors = [m for a in ([arm] if arm else group.arms) for m in a.floors(name).values()]
                if not floors:
                    continue
                place = (float(np.median([m.recall for m in floors])), float(np.median([m.precision for m in floors])))
                points.append(place)
                axes.plot(*place, "o", markersize=9, markerfacecolor="none", markeredgewidth=1.4,
                          markeredgecolor=looks[arm.variant].colour if arm else INK)  # fmt: skip
                axes.annotate(label, place, (0, -7), textcoords="offset points", ha="center", va="top", fontsize=8.5)
        for setter, values in ((axes.set_xlim, [p[0] for p in points]), (axes.set_ylim, [p[1] for p in points])):
            room = max(0.12 * (max(values) - min(values)), 0.04)
            setter(min(values) - room, min(max(values) + room, 1.02))
        axes.set_xlabel("recall (k = 3): share of real images the generator covers")
        axes.set_ylabel("precision (k = 3)")
        figure.legend(loc="outside lower center", ncols=min(len(group.arms), 3))
    return chart(
        figure,
        f"precision-recall-{group.n_train}",
        "Precision against recall",
        "Each mark is one seed; up is more realistic, right is more of the real variety. Rings are floors: another real "
        "sample, the training subset copied, and (in the arm's colour) the images its autoencoder decoded.",
        "class balance or copying: a copy of the training subset is precise by construction. The axes do not start at 0.",
    )


def class_shares(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """Share of each class among generated images by arm; None before any run is done."""
    arms = [arm for arm in group.arms if arm.test()]
    if not arms:
        return None
    classes = len(next(iter(arms[0].test().values())).class_histogram)
    with canvas(3.0) as (figure, axes):
        axes.axhline(100 / classes, color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
        for arm, shift in zip(arms, np.linspace(-0.28, 0.28, len(arms)) if len(arms) > 1 else [0.0], strict=True):
            look = looks[arm.variant]
            shares = 100 * np.array([m.class_histogram for m in arm.test().values()])
            x = np.arange(classes) + shift
            axes.vlines(x, shares.min(axis=0), shares.max(axis=0), color=look.colour, linewidth=1.6)
            axes.plot(x, np.median(shares, axis=0), look.marker, color=look.colour, markersize=5,
                      markeredgecolor=PAPER, markeredgewidth=0.6, label=arm.variant)  # fmt: skip
        axes.set_xticks(range(classes))
        axes.set_ylim(bottom=0)
        axes.grid(visible=False, axis="x")
        axes.set_xlabel("class, as the feature net sees it")
        axes.set_ylabel("share of generated images (%)")
        figure.legend(loc="outside lower center", ncols=min(len(arms), 3))
    return chart(
        figure,
        f"class-shares-{group.n_train}",
        "Which classes are generated",
        "Marks are medians over seeds, lines reach from the smallest to the largest share; the dashed line is the even "
        "share. Balance across classes is what the class KL and the number of modes summarise.",
        "variety inside a class, nor whether the images are good: the feature net gives every image some class.",
    )


def _seed_dots(axes: Axes, values: Sequence[float], row: int, look: Style) -> None:
    if not values:
        return
    lanes = row + (np.linspace(-0.14, 0.14, len(values)) if len(values) > 1 else np.zeros(1))
    axes.plot(values, lanes, look.marker, color=look.colour, markersize=5.5, markeredgecolor=PAPER)
    axes.plot([float(np.median(values))] * 2, [row - 0.3, row + 0.3], color=look.colour, linewidth=2.4,
              solid_capstyle="butt", zorder=1.5)  # fmt: skip


def _arm_rows(axes: Axes, arms: Sequence[Arm]) -> None:
    lost = [f"\n{arm.count('diverged')} diverged" if arm.count("diverged") else "" for arm in arms]
    axes.set_yticks(range(len(arms)), [arm.variant + note for arm, note in zip(arms, lost, strict=True)])
    axes.set_ylim(len(arms) - 0.45, -0.55)
    axes.grid(visible=False, axis="y")


def _log_x(axes: Axes, low: float, high: float) -> None:
    low, high = low / 1.25, high * 1.2
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(log_ticks(low, high)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))


def _floor_fd(arms: Sequence[Arm], name: str) -> float | None:
    values = [floor.frechet_distance for arm in arms for floor in arm.floors(name).values()]
    return float(np.median(values)) if values else None


def _percent_ticks(low: float, high: float) -> list[float]:
    """About six round relative changes inside a range of log ratios, zero among them."""
    span = change(high) - change(low)
    step = next(step for step in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100, math.inf) if span / step <= 7)
    first = math.ceil(change(low) / step) if math.isfinite(step) else 0
    ticks = [k * step for k in range(first, math.floor(change(high) / step) + 1)] if math.isfinite(step) else [0.0]
    return [tick for tick in ticks if tick > -1]
