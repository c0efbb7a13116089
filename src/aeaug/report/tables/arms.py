"""Every arm at every size in one line, with what is asked first: how far its images are from real ones, what it
changes, whether a second feature space agrees, what else moves, and what it costs. To be sorted by any of that."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.reading import NONE, amount, decimals, heading, spread
from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import compare
from aeaug.report.tables.metrics import over_floor
from aeaug.report.tables.table import FD, Row, Table, fd_decimals, seen
from aeaug.run.metrics import METRICS

__all__ = ["arms_table", "cost_metric"]

_SHORT = {"self_supervised": "label-free", "label_free": "label-free"}
_OF_CLASSES = ("class_kl", "modes_covered", "mode_kl")
_BESIDE = ("precision", "recall", "coverage", "authenticity", "feature_likelihood_gap", *_OF_CLASSES, "r_v")

Cell = tuple[str, float | str | None]
"""What is read, and by what it is sorted."""


@dataclass(frozen=True)
class _Column:
    head: str
    cell: Callable[[Group, Arm], Cell]


def arms_table(results: Results, only: Group | None = None) -> Table | None:
    """A row an arm and size, or of one group; columns that no arm has a number in are left out. None before any run is
    done."""
    rows = [(group, arm) for group in results.groups if only in (None, group) for arm in group.arms]
    if not any(arm.count("done") for _, arm in rows):
        return None
    found = [(column.head, [column.cell(*row) for row in rows]) for column in _columns(results, several=only is None)]
    kept = [(head, cells) for head, cells in found if any(place is not None for _, place in cells)]
    lines = tuple(
        Row(
            (arm.name, *(cells[n][0] for _, cells in kept)), places=(None, *(cells[n][1] for _, cells in kept))
        )
        for n, (_, arm) in enumerate(rows)
    )  # fmt: skip
    return Table(("arm", *(head for head, _ in kept)), lines, seen(results), sortable=len(lines) > 2)


def cost_metric(results: Results) -> Metric:
    """Seconds of training: of processors, where they were counted."""
    wanted = [METRICS[key] for key in ("processor_seconds", "seconds_training") if key in METRICS]
    return next((one for one in wanted if any(run.of(one) is not None for run in results.runs)), wanted[-1])


def _columns(results: Results, *, several: bool) -> Iterator[_Column]:
    fine = fd_decimals(results)
    if several and len(results.families) > 1:
        yield _Column("experiment", lambda group, _: (group.family, group.family))
    if several:
        yield _Column("training images", lambda group, arm: (group.size, float(arm.n_train or 10**9)))
    yield _Column("done", lambda _, arm: (f"{arm.count('done')} of {len(arm.runs)}", float(arm.count("done"))))
    yield _Column("diverged", lambda _, arm: (str(arm.count("diverged")), float(arm.count("diverged"))))
    lead, *others = results.spaces
    if results.distance(lead) is not FD:
        yield from _distance(results, lead, results.distance(lead), "")
    yield _Column(heading(FD), lambda _, arm: _median(arm.values(FD), fine))
    yield _Column("× floor ↓", lambda _, arm: (over_floor(arm.runs, "end", None), _ratio(arm)))
    yield _Column("FD, paired change", _changes(results, FD, lead))
    if all(run.of(FD) is None for run in results.runs):  # of which nothing was measured on the test set
        yield _Column(f"validation {heading(FD)}", _last_reading)
    for space in others:
        name = _SHORT.get(space) or space.rpartition(":")[2]
        yield from _distance(results, space, results.distance(space), f"{name} ")
    for key in (*_BESIDE, cost_metric(results).key):
        yield _of_metric(METRICS[key])


def _distance(results: Results, space: str, metric: Metric, name: str) -> Iterator[_Column]:
    """A distance in ``space``, called ``name``, and its paired change."""

    def cell(_: Group, arm: Arm) -> Cell:
        values = arm.values(metric, space=space)
        return _median(values, decimals(values) if metric is FD else metric.decimals)

    yield _Column(f"{name}{heading(metric)}", cell)
    yield _Column(f"{name}{metric.label}, paired change", _changes(results, metric, space))


def _of_metric(metric: Metric) -> _Column:
    def cell(_: Group, arm: Arm) -> Cell:
        values, done = arm.values(metric), arm.count("done")
        text, middle = _median(values, metric.decimals)
        return f"{text} (of {len(values)} of {done})" if 0 < len(values) < done else text, middle

    return _Column(heading(metric), cell)


def _last_reading(_: Group, arm: Arm) -> Cell:
    """Validation FD at the end of the runs that came to it."""
    values = [run.curve[-1][1] for run in arm.runs if run.state == "done" and run.curve]
    return _median(values, decimals(values))


def _median(values: Sequence[float], places: int) -> Cell:
    return spread(values, places), float(np.median(values)) if values else None


def _ratio(arm: Arm) -> float | None:
    found = [
        value / floor for run in arm.runs if (value := run.of(FD)) is not None and (floor := run.of(FD, "real"))
    ]  # fmt: skip
    return float(np.median(found)) if found else None


def _changes(results: Results, metric: Metric, space: str) -> Callable[[Group, Arm], Cell]:
    """The paired change against the arm's control, with its 95% interval or, below six pairs, its range; a control
    stands at no change."""
    rows = [row for row in compare(results, metric, tested=False, space=space) if row.paired is not None]
    found = {(id(row.group), row.treatment.name): row for row in rows}

    def cell(group: Group, arm: Arm) -> Cell:
        if rows and arm in group.controls.values():
            return "control", 0.0
        row = found.get((id(group), arm.name))
        if row is None or row.paired is None:
            return NONE, None
        low, high = row.interval or row.paired.span
        mean, *ends = (amount(value, metric) for value in (row.paired.mean, low, high))
        return f"{mean} [{', '.join(ends)}]" if len(row.paired.seeds) > 1 else f"{mean}, 1 pair", row.paired.mean

    return cell
