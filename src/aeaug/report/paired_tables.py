"""Tables of what is paired by seed: changes of FD, differences in every other metric, stability."""

from collections.abc import Mapping, Sequence

from aeaug.report.collect import Group
from aeaug.report.comparison import Comparison, amount, percent
from aeaug.report.metrics import METRICS
from aeaug.report.stability import Spread, Stability
from aeaug.report.statistics import MINIMUM_PAIRS, Paired
from aeaug.report.table import NONE, Cell, Row, Table, number
from aeaug.report.tables import heading, places

__all__ = ["paired_metrics_table", "paired_table", "stability_table"]


def paired_table(comparisons: Sequence[Comparison]) -> Table:
    """Each treatment against its control: change of FD over pairs of seeds, with what certainty there is."""
    columns = (
        "arm",
        "against",
        "pairs",
        "median change",
        "smallest to largest",
        "lower\u00a0in",
        "95% interval",
    )
    rows = []
    for row in comparisons:
        lost = f"{row.unpaired} without a pair" if row.unpaired else ""
        cells = [Cell(row.control.name), Cell(str(len(row.paired.seeds) if row.paired else 0), lost)]
        cells += _evidence(row.paired, row.lower) if row.paired else [Cell(NONE)] * 6
        rows.append(Row((Cell(row.treatment.name), *cells), row.treatment.variant))
    return Table((*columns, "p", "Holm\u00a0p"), tuple(rows), frozenset({"against"}))


def paired_metrics_table(group: Group, compared: Mapping[str, Sequence[Comparison]]) -> Table | None:
    """Median paired difference of each metric of `compared`, a row each, a column for each treatment; None of nothing.

    Under a median stands its interval where there are pairs enough, else its smallest and largest.
    """
    rows = []
    for key, comparisons in compared.items():
        here = [row for row in comparisons if any(row.treatment is arm for arm in group.arms)]
        if any(row.paired for row in here):
            rows.append(Row((Cell(heading(METRICS[key])), *(_difference(row) for row in here))))
    if not rows or group.control is None:
        return None
    arms = tuple(arm.name for arm in group.treatments)
    return Table((f"minus {group.control.name}", *arms), tuple(rows), title="Every other metric, paired", beside=True)


def stability_table(group: Group, found: Sequence[Stability]) -> Table | None:
    """Worst FD and spread of log FD of each treatment beside its control's; None without a pair in this group."""
    rows = []
    fine = places(group)["frechet_distance"]
    for row in found:
        if not row.pairs or all(row.treatment.arm is not arm for arm in group.arms):
            continue
        cells = [Cell(row.control.arm.name), Cell(str(row.pairs))]
        cells += [_worst(row.treatment, fine), _worst(row.control, fine), _figure(row.worst_ratio, 2)]
        cells += [_figure(spread.deviation, 3) for spread in (row.treatment, row.control)]
        cells += [_figure(row.deviation_ratio, 2), Cell(NONE if row.p_holm is None else f"{row.p_holm:.2g}")]
        cells += [Cell(f"{one.diverged} of {len(one.arm.runs)}") for one in (row.treatment, row.control)]
        rows.append(Row((Cell(row.treatment.arm.name), *cells), row.treatment.arm.variant))
    if not rows:
        return None
    worst = "worst FD\u00a0↓", "control's", "ratio\u00a0↓"
    spreads = "spread\u00a0↓", "control's", "ratio\u00a0↓", "Holm\u00a0p"
    columns = ("arm", "against", "pairs", *worst, *spreads, "diverged", "control's")
    return Table(columns, tuple(rows), frozenset({"against"}))


def _evidence(pair: Paired, lower: int) -> list[Cell]:
    ends = sorted(pair.differences)
    shown = [Cell(percent(pair.median)), Cell(f"{percent(ends[0])} to {percent(ends[-1])}")]
    shown.append(Cell(f"{lower} of {len(ends)}"))
    if pair.interval is None or pair.p is None or pair.p_holm is None:
        return [*shown, Cell("too few seeds", f"{MINIMUM_PAIRS} pairs needed"), Cell(NONE), Cell(NONE)]
    low, high = pair.interval
    return [
        *shown,
        Cell(f"{percent(low)} to {percent(high)}"),
        Cell(f"{pair.p:.2g}"),
        Cell(f"{pair.p_holm:.2g}"),
    ]


def _difference(row: Comparison) -> Cell:
    if row.paired is None:
        return Cell(NONE)
    low, high = row.paired.interval or (min(row.paired.differences), max(row.paired.differences))
    reach = f"{amount(low, row.metric)} to {amount(high, row.metric)}"
    return Cell(amount(row.paired.median, row.metric), reach if low != high else "")


def _worst(spread: Spread, fine: int) -> Cell:
    return Cell(NONE) if spread.worst is None else Cell(number(spread.worst, fine), f"seed {spread.worst_seed}")


def _figure(value: float | None, digits: int) -> Cell:
    return Cell(NONE if value is None else number(value, digits))
