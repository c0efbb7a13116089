"""What a verdict rests on: the paired differences of a claim, beside the effects that do not matter."""

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from aeaug.report.figures.drawing import INK, LINE, Chart, chart, folded, panels, ratio_scale, styles
from aeaug.report.results import Results
from aeaug.report.verdict import Verdict

__all__ = ["evidence"]


def evidence(results: Results, rows: Sequence[Verdict], number: int) -> Chart | None:
    """The pairs behind the verdicts on one claim, a line for each group; None without any pair.

    ``rows`` are those of one claim, ``number`` its place among the claims, from 1.
    """
    shown = [row for row in rows if row.paired is not None and row.treatment is not None]
    if not shown:
        return None
    claim, looks = shown[0].claim, styles(results)
    metric, (least, most) = claim.measure, claim.measure.bounds(claim.smallest_effect)
    ends = [1.25 * least, 1.25 * most]
    for row in shown:
        assert row.paired is not None
        ends += [*row.paired.differences, *(row.paired.interval or ()), *([row.found.reach] * bool(row.found.diverged))]
    room = 0.05 * (max(ends) - min(ends))
    low, high = min(ends) - room, max(ends) + room
    with panels(results, shown[0:1] and [shown[0].group], 1.2 + 0.5 * len(shown)) as (figure, axes):
        (column,) = axes[0]
        column.set_title("← claimed" if claim.sign < 0 else "claimed →", loc="left" if claim.sign < 0 else "right")
        column.axvspan(least, most, color=LINE, alpha=0.55, linewidth=0)
        for place, row in enumerate(shown):
            assert row.paired is not None
            assert row.treatment is not None
            look = looks[row.treatment.name]
            if row.paired.interval is not None:
                left, right = row.paired.interval
                column.barh(place, right - left, left=left, height=0.66, color=look.colour, alpha=0.2, linewidth=0)
            lanes = np.linspace(-0.2, 0.2, row.pairs) if row.pairs > 1 else np.zeros(1)
            for seed, difference, lane in zip(row.paired.seeds, row.paired.differences, place + lanes, strict=True):
                if seed in row.found.diverged:  # it may be anywhere between
                    column.hlines(lane, -row.found.reach, row.found.reach, color=look.colour, linestyle=":")
                else:
                    column.plot(difference, lane, **look.marks())
            column.plot([row.paired.median] * 2, [place - 0.36, place + 0.36], color=look.colour, linewidth=2.4)
        column.axvline(0, color=INK, linewidth=1.1)
        column.set_yticks(range(len(shown)), [results.title(row.group) for row in shown])
        column.set_ylim(len(shown) - 0.5, -0.5)
        column.grid(visible=False, axis="y")
        if metric.scale == "log":
            ratio_scale(column.xaxis, low, high)
        else:
            column.set_xlim(low, high)
            column.xaxis.set_major_locator(MaxNLocator(5))
        relation = "relative to" if metric.scale == "log" else "minus"
        column.set_xlabel(folded(f"{metric.label}: {claim.treatment} {relation} {claim.control}", 44))
    return chart(figure, f"claim-{number}", claim.statement, "")
