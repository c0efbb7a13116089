"""Figures of what a verdict rests on: for each claim its paired differences, beside the effects that do not matter."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from aeaug.report.drawing import INK, LINE, Chart, Style, canvas, chart
from aeaug.report.scales import ratio_scale
from aeaug.report.table import short
from aeaug.report.verdict import Verdict

__all__ = ["READING", "evidence"]

READING = (
    "Each mark is one pair of seeds, treatment minus control; the bar is their median and the shaded band its 95% "
    "bootstrap interval, drawn from 6 pairs on. The grey zone holds the effects that do not matter: a claim is "
    "supported where the band lies entirely on the claimed side of zero and the bar beyond the zone, has no effect "
    "where the band lies inside the zone, and each needs its test besides. × is a pair with one diverged run, which "
    "counts as the largest difference there is, against that run's arm."
)


def evidence(rows: Sequence[Verdict], number: int, looks: Mapping[str, Style]) -> Chart | None:
    """The pairs behind the verdicts on one claim, a line for each training-set size; None without any pair.

    `rows` are those of one claim, `number` its place among the claims, from 1.
    """
    shown = [row for row in rows if row.paired is not None and row.treatment is not None]
    if not shown:
        return None
    claim = shown[0].claim
    metric = claim.measure
    least, most = metric.bounds(claim.smallest_effect)
    ends = [1.25 * least, 1.25 * most]
    ends += [value for row in shown if row.paired for value in (*row.paired.differences, *(row.paired.interval or ()))]
    room = 0.05 * (max(ends) - min(ends))
    low, high = min(ends) - room, max(ends) + room
    with canvas(0.95 + 0.52 * len(shown)) as (figure, axes):
        axes.axvspan(least, most, color=LINE, alpha=0.55, linewidth=0)
        for place, row in enumerate(shown):
            assert row.paired is not None
            assert row.treatment is not None
            look = looks[row.treatment.variant]
            if row.paired.interval is not None:
                left, right = row.paired.interval
                axes.barh(place, right - left, left=left, height=0.66, color=look.colour, alpha=0.2, linewidth=0)
            lanes = place + np.linspace(-0.2, 0.2, row.pairs) if row.pairs > 1 else [float(place)]
            for seed, difference, lane in zip(row.paired.seeds, row.paired.differences, lanes, strict=True):
                lost = {"marker": "x", "markeredgecolor": look.colour, "markeredgewidth": 1.8}
                axes.plot(difference, lane, **(look.marks() | (lost if seed in row.stood_in else {})))
            axes.plot([row.paired.median] * 2, [place - 0.36, place + 0.36], **look.bar())
        axes.axvline(0, color=INK, linewidth=1.1)
        axes.set_yticks(range(len(shown)), [f"{row.size} images" for row in shown])
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        if metric.scale == "log":
            ratio_scale(axes, "x", low, high)
        else:
            axes.set_xlim(low, high)
            axes.xaxis.set_major_locator(MaxNLocator(5))
        towards = "← claimed" if claim.sign < 0 else "claimed →"
        axes.set_title(towards, loc="left" if claim.sign < 0 else "right", fontsize=8.5, color=INK, pad=3)
        relation = "relative to" if metric.scale == "log" else "minus"
        axes.set_xlabel(
            textwrap.fill(f"{metric.label}: {short(claim.treatment)} {relation} {short(claim.control)}", 42)
        )
    return chart(figure, f"claim-{number}", f"Evidence: {claim.statement}", "", "")
