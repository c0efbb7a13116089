"""What is paired by seed: each treatment against its control, in FD and in all else."""

from aeaug.evaluation.reading import NONE, amount, heading, percent
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import Comparison, compare
from aeaug.report.statistics.exact_test import MINIMUM_PAIRS
from aeaug.report.tables.table import FD, Row, Table, figure, seen, sentence, under_titles
from aeaug.report.verdict.facts import units
from aeaug.report.verdict.verdict import verdicts
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
    )
    found, judged = compare(results, FD), bool(verdicts(results))
    rows = under_titles(results, found, lambda row: _paired_cells(row, judged))
    remarks = [*dict.fromkeys(filter(None, map(_units, found))), seen(results)]
    if any(row.ends and row.ends.low != row.ends.high for row in found):
        remarks.append("Intervals hold wherever the pairs with a diverged run are placed.")
    return (
        Table(columns if judged else (*columns, "p", "Holm p"), rows, " ".join(filter(None, remarks))) if rows else None
    )


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


def _paired_cells(row: Comparison, judged: bool) -> tuple[str, ...]:
    """Where claims are ``judged``, their tests are those of the page, and there are no others."""
    pair, lost = row.paired, f" ({row.unpaired} without a pair)" if row.unpaired else ""
    names = row.treatment.name, row.control.name, f"{len(pair.seeds) if pair else 0}{lost}"
    if pair is None:
        return (*names, *[NONE] * (5 if judged else 7))
    ends = f"{percent(min(pair.differences))} to {percent(max(pair.differences))}"
    interval = f"too few seeds, {MINIMUM_PAIRS} pairs needed"
    if row.interval is not None:
        interval = f"{percent(row.interval[0])} to {percent(row.interval[1])}"
    lower = f"{row.lower} of {len(pair.seeds)}"
    p = () if judged else (figure(row.p, ".2g"), figure(row.p_holm, ".2g"))
    return (*names, percent(pair.mean), interval, percent(pair.median), ends, lower, *p)


def _difference(row: Comparison) -> str:
    if row.paired is None:
        return NONE
    low, high = row.interval or row.paired.span
    ends = f" [{amount(low, row.metric)} to {amount(high, row.metric)}]" if low != high else ""
    return amount(row.paired.mean, row.metric) + ends
