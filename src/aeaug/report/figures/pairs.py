"""Arms beside each other, a mark a seed: FD of every run, paired differences, and the pairs behind a verdict."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from aeaug.evaluation.reading import FLOORS
from aeaug.report.arms import Group, floor_values
from aeaug.report.figures.axes import difference_scale, folded, log_scale
from aeaug.report.figures.drawing import INK, LINE, REAL_LINE, Chart, Style, chart, panels, styles
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import compare
from aeaug.report.statistics.exact_test import Paired
from aeaug.report.verdict.judgement import SizeVerdict
from aeaug.run.metrics import METRICS

__all__ = ["evidence", "frechet_by_arm", "paired_differences"]

_FD = METRICS["frechet_distance"]
_LINES = {"real": REAL_LINE, "copy": (0, (1, 1.5))}


def frechet_by_arm(results: Results) -> Chart | None:
    """FD of every seed by arm; None before any run is done."""
    groups = [group for group in results.groups if any(arm.values(_FD) for arm in group.arms)]
    if not groups:
        return None
    names = list(dict.fromkeys(arm.name for group in groups for arm in group.arms))
    with panels(results, groups, 1.6 + 0.42 * len(names)) as (figure, axes):
        for column, group in zip(axes[0], groups, strict=True):
            seen = _by_arm(column, group, names, styles(results))
            log_scale(column.xaxis, min(seen) / 1.25, max(seen) * 1.2)
            column.set_xlabel("Fréchet distance to the test split (log)")
        _name(axes[0], names, groups)
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8.5)
    return chart(figure, "frechet-by-arm")


def paired_differences(results: Results) -> Chart | None:
    """Relative change of FD against the control, one mark a seed; None where nothing is paired."""
    rows = [row for row in compare(results, _FD) if row.paired is not None]
    groups = [group for group in results.groups if any(row.group is group for row in rows)]
    if not groups:
        return None
    looks, names = styles(results), list(dict.fromkeys(row.treatment.name for row in rows))
    differences = [0.0, *(difference for row in rows if row.paired for difference in row.paired.differences)]
    differences += [end for row in rows for end in row.interval or ()]
    with panels(results, groups, 1.2 + 0.5 * len(names)) as (figure, axes):
        for column, group in zip(axes[0], groups, strict=True):
            here = [row for row in rows if row.group is group]
            for row in here:
                assert row.paired is not None
                _pairs(column, names.index(row.treatment.name), row.paired, row.interval, looks[row.treatment.name])
            column.axvline(0, color=INK, linewidth=1.1)
            difference_scale(column.xaxis, _FD.scale, differences)
            controls = dict.fromkeys(row.control.name for row in here)
            column.set_xlabel(folded(f"FD relative to {' or '.join(controls)}, same seed", 40))
        _name(axes[0], names)
    return chart(figure, "paired-differences")


def evidence(results: Results, rows: Sequence[SizeVerdict], number: int) -> Chart | None:
    """The pairs behind the verdict on one claim, a line for each size, beside the effects that do not matter.

    ``number`` is the claim's place among the claims, from 1. None without any pair.
    """
    shown = [(row, row.treatment, row.paired) for row in rows if row.treatment is not None and row.paired is not None]
    if not shown:
        return None
    claim = shown[0][0].claim
    metric, (least, most) = claim.at_size, claim.bounds
    trend = claim.of == "trend"  # no size by itself is claimed about, nor has it an effect that matters
    ends = [] if trend else [1.25 * least, 1.25 * most]
    for row, _, paired in shown:
        lost = (-row.found.reach, row.found.reach) if row.found.diverged else ()
        ends += [*paired.differences, *(row.ends.span if row.ends else ()), *lost]
    with panels(results, [shown[0][0].group], 1.2 + 0.5 * len(shown)) as (figure, axes):
        (column,) = axes[0]
        column.set_title("")
        if not trend:
            column.set_title("← claimed" if claim.sign < 0 else "claimed →", loc="left" if claim.sign < 0 else "right")
            column.axvspan(least, most, color=LINE, alpha=0.55, linewidth=0)
        for place, (row, treatment, paired) in enumerate(shown):
            assert row.ends is not None
            interval = row.ends.span if row.ends.enough else None
            _pairs(column, place, paired, interval, styles(results)[treatment.name], row)
        column.axvline(0, color=INK, linewidth=1.1)
        _name([column], [results.title(row.group) for row, _, _ in shown])
        difference_scale(column.xaxis, metric.scale, ends)
        relation = "relative to" if metric.scale == "log" else "minus"
        column.set_xlabel(folded(f"{shown[0][0].label}: {claim.treatment} {relation} {claim.control}", 44))
    return chart(figure, f"claim-{number}", claim.statement)


def _by_arm(column: Any, group: Group, names: Sequence[str], looks: dict[str, Style]) -> list[float]:
    """Draw a group's arms and floors; all values drawn."""
    seen = []
    for arm in group.arms:
        place, look = names.index(arm.name), looks[arm.name]
        found = [(value, run.of(_FD, reading="best")) for run in arm.runs if (value := run.of(_FD)) is not None]
        values, fed = [value for value, _ in found], arm.values(_FD, "decoded")
        for (value, best), lane in zip(found, place + _lanes(len(found), 0.15), strict=True):
            if best is not None:
                column.hlines(lane, value, best, color=look.colour, linewidth=1.0)
                seen.append(best)
        column.plot(values, place + _lanes(len(values), 0.15), **look.marks())
        if values:
            column.plot([np.median(values)] * 2, [place - 0.38, place + 0.38], color=look.colour, linewidth=2.4)
        if fed:
            ring = {"marker": "o", "markerfacecolor": "none", "markeredgewidth": 1.6}
            column.plot(np.median(fed), place, color=look.colour, **ring)
        seen += values + fed
    for name, line in _LINES.items():
        if floor := floor_values(group.arms, _FD, name):
            column.axvline(np.median(floor), color=INK, linewidth=1.1, linestyle=line, label=FLOORS[name])
            seen.append(float(np.median(floor)))
    return seen


def _pairs(
    column: Any,
    place: int,
    paired: Paired,
    interval: tuple[float, float] | None,
    look: Style,
    row: SizeVerdict | None = None,
) -> None:
    """One line of pairs: their marks, mean and the interval that holds wherever pairs with a diverged run are placed;
    those of ``row`` may be anywhere in its reach. Without it, a line leads from 0 to each mark."""
    if interval is not None:
        low, high = interval
        column.barh(place, high - low, left=low, height=0.66, color=look.colour, alpha=0.18, linewidth=0)
    for seed, difference, lane in zip(paired.seeds, paired.differences, _lanes(len(paired.seeds), 0.2), strict=True):
        if row is not None and seed in row.lost:
            column.hlines(place + lane, -row.found.reach, row.found.reach, color=look.colour, linestyle=":")
            continue
        if row is None:
            column.hlines(place + lane, 0, difference, color=look.colour, linewidth=1.2)
        column.plot(difference, place + lane, **look.marks())
    seen = paired if row is None else row.measured or paired
    column.plot([seen.mean] * 2, [place - 0.36, place + 0.36], color=look.colour, linewidth=2.4)


def _lanes(count: int, width: float) -> Any:
    return np.linspace(-width, width, count) if count > 1 else np.zeros(count)


def _name(columns: Sequence[Any], names: Sequence[str], groups: Sequence[Group] = ()) -> None:
    """Names of the lines, beside the first column alone; how many runs diverged stands in each group's."""
    for place, column in enumerate(columns):
        arms = {arm.name: arm for arm in groups[place].arms} if groups else {}
        lost = [arms[name].count("diverged") if name in arms else 0 for name in names]
        notes = [f"\n{count} diverged" if count else "" for count in lost]
        labels = [(folded(name, 22) if place == 0 else "") + extra for name, extra in zip(names, notes, strict=True)]
        column.set_yticks(range(len(names)), labels)
        column.set_ylim(len(names) - 0.45, -0.55)
        column.grid(visible=False, axis="y")
