"""Every arm with its floors in every metric.

A number is the median over the runs that are done, with [smallest–largest] beside it. Which metrics there are, and in
which table each stands, is what they declare. A floor that is drawn several times has its standard deviation over draws
beside it, and × floor what that makes of it.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from aeaug.evaluation.metric import Group as Subject
from aeaug.evaluation.metric import Metric
from aeaug.evaluation.reading import FLOORS, decimals, heading, number, spread
from aeaug.report.arms import Arm, Group, floor_values
from aeaug.report.results import Results
from aeaug.report.tables.table import FD, Row, Table, fd_decimals, seen, title
from aeaug.run.metrics import METRICS, WORK
from aeaug.run.records import RunRecord

__all__ = ["cost_table", "is_measured", "metrics_table", "over_floor"]


def metrics_table(
    results: Results, of: Sequence[Subject | str], *, ratio: bool = False, only: Group | None = None
) -> Table | None:
    """Every arm with those metrics, named or of the subjects ``of``, that any run has, and the floors at the same
    sample size; of all groups or of one.

    ``ratio`` puts the multiple of the run's own real floor behind FD, and behind everything how many runs are done and
    diverged. None where nothing of it is measured.
    """
    leads = results.distance(results.spaces[0])
    metrics = [m for m in METRICS.values() if (m.group in of or m.key in of) and is_measured(results, m)]
    if not ratio:  # which stands behind FD
        metrics.sort(key=lambda metric: metric is not leads)
    if not metrics:
        return None
    columns = [heading(metric) for metric in metrics]
    if ratio:
        columns = [*columns[:1], "× floor ↓", *columns[1:], "done", "diverged"]
    fine = fd_decimals(results)
    rows: list[Row] = []
    for group in results.groups if only is None else [only]:
        rows += title(results, group) if only is None else []
        for arm in group.arms:
            cells = [cell for metric in metrics for cell in _cells([arm], metric, None, fine, ratio)]
            cells += [f"{arm.count('done')} of {len(arm.runs)}", str(arm.count("diverged"))] if ratio else []
            rows.append(Row((arm.name, *cells)))
        for name, arms, label in _floors(group, metrics):
            cells = [cell for metric in metrics for cell in _cells(arms, metric, name, fine, ratio)]
            rows.append(Row((label, *cells, *["", ""] * ratio), "floor"))
    return Table(("arm", *columns), tuple(rows), seen(results))


def cost_table(results: Results) -> Table | None:
    """Seconds, memory, parameters: all of the cost but the readings of equal work."""
    keys = [metric.key for metric in METRICS.values() if metric.group == "cost" and metric.key not in WORK]
    return metrics_table(results, keys)


def is_measured(results: Results, metric: Metric) -> bool:
    """Whether any run has it, or says why it has none."""
    return any(run.of(metric) is not None or run.place(metric) in run.notes for run in results.runs)


def _cells(arms: Sequence[Arm], metric: Metric, of: str | None, fine: int, ratio: bool) -> list[str]:
    """A cell of ``metric`` over all runs of ``arms``, of the runs themselves or of one of their floors; ``fine``: the
    decimals of FD."""
    values = [value for arm in arms for value in arm.values(metric)] if of is None else floor_values(arms, metric, of)
    notes = [run.notes[place] for arm in arms for run in arm.runs if (place := run.place(metric, of)) in run.notes]
    cell = spread(values, fine if metric.in_fd else metric.decimals)
    done = sum(arm.count("done") for arm in arms) if of is None and not getattr(metric, "of_diverged", False) else 0
    if 0 < len(values) < done and not notes:
        cell = f"{cell} (of {len(values)} of {done})"
    if notes:
        cell = f"{cell} ({len(notes)} of {len(values) + len(notes)}: {notes[0]})" if values else notes[0]
    if of == "real" and (deviations := floor_values(arms, metric, "real_sd")):
        places = decimals(deviations) if metric.in_fd else min(metric.decimals, decimals(deviations))
        cell += f" ± {number(float(np.median(deviations)), places)}"
    if metric is not FD or not ratio:
        return [cell]
    return [cell, over_floor([run for arm in arms for run in arm.runs], "end", None, of)]


def over_floor(runs: Sequence[RunRecord], reading: str, space: str | None, of: str | None = None) -> str:
    """FD in multiples of the mean of the run's own real floor, ± what that floor's standard deviation over draws makes
    of it (to first order: the ratio times the floor's relative deviation)."""
    found = {}
    for place, run in enumerate(runs):
        value, real = run.of(FD, of, reading, space), run.of(FD, "real", space=space)
        if value is not None and real:
            ratio = value / real
            # As of floors: what the runs of a subset and seed share counts once.
            key = (run.key, ratio) if of else (place, ratio)
            found[key] = ratio, ratio * (run.of(FD, "real_sd", space=space) or 0.0) / real
    ratios, deviations = [ratio for ratio, _ in found.values()], [deviation for _, deviation in found.values()]
    if of == "real" or not any(deviations):
        return spread(ratios, 1)
    return f"{spread(ratios, 1)} ± {number(float(np.median(deviations)), 1)}"


def _floors(group: Group, metrics: Sequence[Metric]) -> Iterator[tuple[str, tuple[Arm, ...], str]]:
    """Each floor, the arms it is measured over, and its name: decoded images are an arm's own, the others common."""
    for name, label in FLOORS.items():
        held = [arm for arm in group.arms if any(arm.values(metric, name) for metric in metrics)]
        if not held:
            continue
        for arms in [(arm,) for arm in held] if name == "decoded" else [tuple(held)]:
            made = arms[0].settings.get("source.name", "decoded")
            own = f"{made}, {arms[0].name}" if name == "decoded" else label
            yield name, arms, own
