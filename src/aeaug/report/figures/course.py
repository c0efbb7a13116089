"""Paired change of validation FD against images shown: whether an arm helps, helps early, or only lasts longer."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from aeaug.report.arms import Group
from aeaug.report.figures.axes import folded, ratio_scale, thousands
from aeaug.report.figures.contrasts import Contrast, contrasts
from aeaug.report.figures.drawing import INK, MUTED, Chart, Style, chart, legend, panels, styles
from aeaug.report.results import Results
from aeaug.report.statistics.course import Course, paired_course
from aeaug.report.statistics.exact_test import MINIMUM_PAIRS
from aeaug.run.claims import READINGS

__all__ = ["band", "change_over_training"]

_FD = "frechet_distance"
_ANOTHER = 0.02  # of log FD, by which the line of the best readings is another than that of the readings
_HEIGHT, _AROUND = 1.6, 0.8  # inches: of a panel, of the labels and the legend under all of them
_BEST = (0, (4, 1.5))
_EFFECT = (0, (1, 1.8))


def change_over_training(results: Results) -> Chart | None:
    """A row of panels for every comparison, a column for every size; None where no pair was read at one time."""
    found = [(one, _courses(results, one)) for one in contrasts(results)]
    found = [(one, courses) for one, courses in found if courses]
    if not found:
        return None
    groups = [group for group in results.groups if any(group in courses for _, courses in found)]
    with panels(results, groups, _HEIGHT + _AROUND / len(found), len(found)) as (figure, axes):
        for row, (contrast, courses) in enumerate(found):
            look, seen = styles(results)[contrast.treatment], [0.0]
            for panel, group in zip(axes[row], groups, strict=True):
                if group not in courses:
                    panel.set_axis_off()
                    continue
                seen += _draw(panel, *courses[group], look, _effects(contrast, group, results.spaces[0]))
                panel.set_xlim(left=0)
                panel.xaxis.set_major_formatter(thousands)
                if row == len(found) - 1 or group not in found[row + 1][1]:
                    panel.set_xlabel("images shown")
            room = 0.06 * (max(seen) - min(seen)) or 0.05
            shown = [panel for panel, group in zip(axes[row], groups, strict=True) if group in courses]
            for panel in shown:
                ratio_scale(panel.yaxis, min(seen) - room, max(seen) + room)
            shown[0].set_ylabel(
                f"{folded(contrast.treatment, 24)}\nagainst {folded(contrast.control, 20)}", fontsize=8.5
            )
        handles = axes[0][[group in found[0][1] for group in groups].index(True)]
        handles.plot([], [], color=MUTED, linewidth=1.7, marker="o", markersize=4.5, label="at that reading")
        handles.plot([], [], color=MUTED, linewidth=1.3, linestyle=_BEST, label="best reading so far of both")
        if any(contrast.claims for contrast, _ in found):
            handles.plot([], [], color=INK, linewidth=1.0, linestyle=_EFFECT, label="smallest effect of a claim")
        legend(figure, handles)
    return chart(figure, "change-over-training")


def band(course: Course) -> tuple[Any, Any, Any]:
    """What a change stands beside at every reading: ends ``(K,)`` of its pointwise interval, or below six units the
    smallest and largest difference; and where it is the interval, ``(K,)``."""
    enough = course.pairs >= MINIMUM_PAIRS
    low = np.where(enough, course.low, np.nanmin(course.differences, axis=0))
    return low, np.where(enough, course.high, np.nanmax(course.differences, axis=0)), enough


def _courses(results: Results, contrast: Contrast) -> dict[Group, tuple[Course, Course]]:
    """Of the readings, and of the best so far, at every size that has them."""
    found = {}
    for group, treatment, control in contrast.sizes:
        end, best = (paired_course(results, group, treatment, control, reading) for reading in ("end", "best"))
        if end is not None and best is not None:
            found[group] = end, best
    return found


def _effects(contrast: Contrast, group: Group, lead: str) -> list[float]:
    """Ends of the effects that do not matter, of every claim that is about this FD at this size."""
    about = (
        claim
        for claim in contrast.claims
        if (claim.metric, claim.space, claim.of) == (_FD, lead, "centre")
        and claim.reading in READINGS
        and (claim.sizes is None or group.n_train in claim.sizes)
    )
    return sorted({end for claim in about for end in claim.bounds})


def _draw(panel: Any, end: Course, best: Course, look: Style, effects: Sequence[float]) -> list[float]:
    """One comparison at one size; the heights drawn."""
    panel.axhline(0, color=INK, linewidth=1.1, zorder=1.5)
    for effect in effects:
        panel.axhline(effect, color=INK, linewidth=1.0, linestyle=_EFFECT, zorder=1.5)
    low, high, enough = band(end)
    panel.fill_between(end.images, low, high, where=enough, color=look.colour, alpha=0.2, linewidth=0)
    for edge in (low, high):  # a range has edges and no shade
        panel.plot(end.images, np.where(enough, np.nan, edge), color=look.colour, linewidth=0.8)
    drawn = [low, high]
    if np.abs(best.change - end.change).max() > _ANOTHER:
        panel.plot(best.images, best.change, color=look.colour, linewidth=1.3, linestyle=_BEST)
        drawn.append(best.change)
    marks = look.marks(4.5) | {"linestyle": "-", "markevery": max(1, len(end.images) // 8)}
    panel.plot(end.images, end.change, linewidth=1.7, **marks)
    most, least = int(end.pairs.max()), int(end.pairs[-1])
    pairs = f"{most} pairs" if most != 1 else "1 pair"
    if least < most:
        pairs += f", {least} at the end"
    panel.set_title(pairs, loc="right", fontsize=8, color=MUTED)
    return [*np.concatenate(drawn).tolist(), *effects]
