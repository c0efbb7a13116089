"""What is paired by seed: each treatment against its control, in FD and in all else."""

from aeaug.evaluation.reading import NONE, amount, heading, percent
from aeaug.report.comparison import Comparison, compare, reach
from aeaug.report.facts import units
from aeaug.report.results import Results
from aeaug.report.statistics import MINIMUM_PAIRS
from aeaug.report.tables.table import FD, Row, Table, figure, seen, sentence, under_titles
from aeaug.run.metrics import METRICS

__all__ = ["paired_metrics_table", "paired_table"]


def paired_table(results: Results) -> Table | None:
    """Each treatment against its control: change of FD over pairs, with what certainty there is."""
    columns = (
        "arm",
        "against",
        "pairs",
        "mean change",
        "95% interval",
        "median",
        "smallest to largest",
        "lower in",
        "p",
    )
    found = compare(results, FD)
    rows = under_titles(results, found, _paired_cells)
    remark = " ".join((*dict.fromkeys(filter(None, map(_units, found))), seen(results)))
    return Table((*columns, "Holm p"), rows, remark.strip()) if rows else None


def paired_metrics_table(results: Results) -> Table | None:
    """Mean paired difference of every other metric but cost, a row each, a column for each treatment of each group.

    Beside a mean stands its interval where there are pairs enough, else the smallest and largest difference.
    """
    columns: list[str] = []
    rows = []
    for metric in METRICS.values():
        found = () if metric is FD or metric.group == "cost" else compare(results, metric, tested=False)
        if any(row.paired for row in found):
            columns = [f"{row.treatment.name}, {results.title(row.group)}" for row in found]
            rows.append(Row((heading(metric), *map(_difference, found))))
    return Table(("paired difference", *columns), tuple(rows), seen(results)) if rows else None


def _units(row: Comparison) -> str:
    """What the pairs of a comparison are, where they are no single subsets."""
    said = "; ".join(units(row.differences, by_seed=row.by_seed))
    where = f"with {row.group.size} training images, {row.treatment.name}: " * bool(said and not row.by_seed)
    return sentence(where + said)


def _paired_cells(row: Comparison) -> tuple[str, ...]:
    pair, lost = row.paired, f" ({row.unpaired} without a pair)" if row.unpaired else ""
    names = row.treatment.name, row.control.name, f"{len(pair.seeds) if pair else 0}{lost}"
    if pair is None:
        return (*names, *[NONE] * 7)
    ends = f"{percent(min(pair.differences))} to {percent(max(pair.differences))}"
    interval = f"too few seeds, {MINIMUM_PAIRS} pairs needed"
    if pair.interval is not None:
        interval = f"{percent(pair.interval[0])} to {percent(pair.interval[1])}"
    lower = f"{row.lower} of {len(pair.seeds)}"
    p = figure(pair.p, ".2g"), figure(pair.p_holm, ".2g")
    return (*names, percent(pair.mean), interval, percent(pair.median), ends, lower, *p)


def _difference(row: Comparison) -> str:
    if row.paired is None:
        return NONE
    low, high = reach(row.paired)
    ends = f" [{amount(low, row.metric)} to {amount(high, row.metric)}]" if low != high else ""
    return amount(row.paired.mean, row.metric) + ends
