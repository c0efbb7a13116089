"""Worst runs and spread of each treatment beside its control's."""

from aeaug.evaluation.reading import number
from aeaug.report.results import Results
from aeaug.report.statistics.stability import Stability, stability
from aeaug.report.tables.table import Table, fd_decimals, figure, seen, under_titles
from aeaug.report.verdict.verdict import verdicts

__all__ = ["stability_table"]


def stability_table(results: Results) -> Table | None:
    """Worst FD and spread of log FD of each treatment beside its control's; None without a pair. Where there are
    claims, their tests are those of the page, and here are none."""
    fine, judged = fd_decimals(results), bool(verdicts(results))

    def cells(row: Stability) -> tuple[str, ...]:
        both = row.treatment, row.control
        worst = [f"{number(one.worst or 0, fine)} ({one.worst_run})" for one in both]
        spreads = [figure(one.deviation, ".3f") for one in both]
        ratios = figure(row.worst_ratio, ".2f"), figure(row.deviation_ratio, ".2f")
        diverged = [f"{one.arm.count('diverged')} of {len(one.arm.runs)}" for one in both]
        names = row.treatment.arm.name, row.control.arm.name, str(row.pairs)
        tested = () if judged else (figure(row.p_holm, ".2g"),)
        return (*names, *worst, ratios[0], *spreads, ratios[1], *tested, *diverged)

    rows = under_titles(results, [row for row in stability(results) if row.pairs], cells)
    worst, deviation = (
        ("worst FD ↓", "control's", "ratio ↓"),
        ("spread ↓", "control's", "ratio ↓", *["Holm p"] * (not judged)),
    )
    columns = ("arm", "against", "pairs", *worst, *deviation, "diverged", "control's")
    return Table(columns, rows, seen(results)) if rows else None
