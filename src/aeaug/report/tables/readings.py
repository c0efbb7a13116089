"""Every arm at every reading, in every feature space."""

from aeaug.evaluation.reading import decimals, heading, spread
from aeaug.evaluation.spaces import in_words
from aeaug.report.results import Results
from aeaug.report.tables.metrics import is_measured, over_floor
from aeaug.report.tables.table import FD, Row, Table, seen, sentence, title
from aeaug.report.verdict.facts import few_readings
from aeaug.run.claims import READINGS
from aeaug.run.metrics import IN_EVERY_SPACE, METRICS

__all__ = ["readings_table"]


def readings_table(results: Results) -> Table | None:
    """Every arm at every reading, in every feature space: the distances that are measured in all of them, with FD's
    multiple of its floor, and when the best reading was. None before any run has the numbers of another reading."""
    if not any(run.of(FD, reading="best") is not None for run in results.runs):
        return None
    metrics = [METRICS[key] for key in IN_EVERY_SPACE if is_measured(results, METRICS[key])]
    columns = [
        text
        for space in results.spaces
        for metric in metrics
        for text in (f"{heading(metric)}, {in_words(space)}", *["× floor ↓"] * (metric is FD))
    ]
    rows: list[Row] = []
    for group in results.groups:
        rows += title(results, group)
        for arm in group.arms:
            for reading, words in READINGS.items():
                cells = []
                for space in results.spaces:
                    for metric in metrics:
                        values = arm.values(metric, None, reading, space)
                        places = decimals(values) if metric.in_fd or metric is FD else metric.decimals
                        cells += [spread(values, places)]
                        cells += [over_floor(arm.runs, reading, space)] if metric is FD else []
                stops = [n for run in arm.runs if (n := run.numbers.get(("generated", "images", reading, "")))]
                rows.append(Row((f"{arm.name}, {words}", *cells, spread(stops, 0))))
    remark = f"{sentence(few_readings(results.runs))} {seen(results)}".strip()
    return Table(("arm", *columns, "images shown by then"), tuple(rows), remark)
