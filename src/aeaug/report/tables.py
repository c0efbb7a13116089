"""The report's tables of arms: one number a metric with its floors under it, and what the arms do.

Medians are over the seeds that are done, `[a–b]` is their smallest and largest value. There are more metrics than a
page is wide, so they are cut by what they tell: distance, fidelity and diversity, generalisation.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from aeaug.report.collect import Arm, Group
from aeaug.report.metrics import METRICS, Metric
from aeaug.report.table import NONE, Cell, Row, Table, decimals, number, spread

__all__ = [
    "COPYING",
    "DISTANCE",
    "FIDELITY",
    "OVERFITTING",
    "heading",
    "metrics_table",
    "places",
    "settings_table",
    "unmeasured",
]

DISTANCE = (
    "frechet_distance",
    "frechet_distance_infinity",
    "kernel_distance",
    "classifier_score",
    "accuracy_score",
    "confident_share",
)
FIDELITY = ("precision", "recall", "density", "coverage", "class_kl", "modes")
COPYING = ("frechet_gap", "authenticity", "data_copying")
OVERFITTING = ("r_v", "r_t", "logit_gap")

FLOORS = "Floors: what the same metrics say of other images"
_FLOORS = {
    "real": "another real sample",
    "copy": "copy of the training subset",
    "pixels": "Gaussian fitted to pixels",
}
_IN_FD = {"frechet_distance", "frechet_distance_infinity", "frechet_gap", "leak_frechet"}
_ARROWS = {"lower": "\u00a0↓", "higher": "\u00a0↑", "neither": ""}
Extra = Literal["ratio", "states"]


def heading(metric: Metric) -> str:
    """The metric's label with an arrow towards its better side."""
    return metric.label + _ARROWS[metric.better]


def places(group: Group) -> dict[str, int]:
    """Decimals for each metric; those in units of FD are read as finely as this group's smallest FD."""
    fd = METRICS["frechet_distance"]
    read = [value for arm in group.arms for run in arm.runs for value in (fd.of(run), fd.of_floor(run, "real"))]
    fine = decimals(value for value in read if value is not None)
    return {key: fine if key in _IN_FD else metric.places for key, metric in METRICS.items()}


def metrics_table(group: Group, keys: Sequence[str], *, extras: Sequence[Extra] = (), title: str = "") -> Table | None:
    """Every arm with those of the metrics that any run of `group` has, then the floors at the same sample size.

    `ratio` puts the multiple of the run's own real floor behind FD, `states` how many runs are done and diverged behind
    everything. None where nothing of it is measured.
    """
    metrics = [METRICS[key] for key in keys if _measured(group, METRICS[key])]
    if not metrics:
        return None
    fine = places(group)
    columns = [heading(metric) for metric in metrics]
    if "ratio" in extras:
        columns.insert(1, "×\u00a0floor\u00a0↓")
    columns += ["done", "diverged"] if "states" in extras else []
    rows = []
    for arm in group.arms:
        cells = _cells([arm], metrics, None, fine, ratio="ratio" in extras)
        if "states" in extras:
            cells += [Cell(f"{len(arm.test())} of {len(arm.runs)}"), Cell(str(arm.count("diverged")))]
        rows.append(Row((Cell(arm.name), *cells), arm.variant))
    for name, arms in _floors(group) if any(metric.measure for metric in metrics) else ():  # of images, not of models
        own = arms[0] if name == "decoded" else None
        head = Cell(f"decoded, {own.name}" if own else _FLOORS.get(name, name), _other_size(group, arms, name))
        cells = _cells(arms, metrics, name, fine, ratio="ratio" in extras)
        cells += [Cell("")] * (2 if "states" in extras else 0)
        rows.append(Row((head, *cells), own.variant if own else "", floor=True))
    return Table(("arm", *columns), tuple(rows), title=title, floors=FLOORS)


def unmeasured(group: Group, keys: Sequence[str]) -> list[str]:
    """Labels of the metrics that no done run of `group` has; none before any is done."""
    if not any(arm.test() for arm in group.arms):
        return []
    return [METRICS[key].label for key in keys if not _measured(group, METRICS[key])]


def settings_table(group: Group) -> Table:
    """What each arm does: its settings, of the stages it uses, where they differ between arms."""
    found = [arm.settings for arm in group.arms]
    keys = sorted({key for setting in found for key in setting})
    differing = [key for key in keys if _differs(key, found)]
    rows = []
    for arm, setting in zip(group.arms, found, strict=True):
        head = Cell(arm.name, "control" if arm is group.control else "")
        rows.append(Row((head, *(Cell(str(setting.get(key, NONE))) for key in differing)), arm.variant))
    return Table(("arm", *differing), tuple(rows), frozenset(differing))


def _measured(group: Group, metric: Metric) -> bool:
    """Whether any run has it; C_T counts as measured where all its cells were too small."""
    runs = [run for arm in group.arms for run in arm.runs]
    if metric.key == "data_copying" and any(run.test and run.test.data_copying_cells is not None for run in runs):
        return True
    return any(metric.of(run) is not None for run in runs)


def _cells(
    arms: Sequence[Arm], metrics: Sequence[Metric], floor: str | None, fine: Mapping[str, int], *, ratio: bool
) -> list[Cell]:
    """A cell for each metric over all runs of `arms`, of the runs themselves or of one of their floors."""
    cells = []
    for metric in metrics:
        found = [metric.of(run) if floor is None else metric.of_floor(run, floor) for arm in arms for run in arm.runs]
        values = [value for value in found if value is not None]
        if metric.key == "data_copying":
            cells.append(_copying(arms, values, floor, fine[metric.key]))
        else:
            cells.append(spread(values, fine[metric.key]))
        if metric.key == "frechet_distance" and ratio:
            cells.append(spread(_ratios(arms, metric, floor), 1))
    return cells


def _ratios(arms: Sequence[Arm], metric: Metric, floor: str | None) -> list[float]:
    """Multiples of the same run's real floor."""
    runs = [run for arm in arms for run in arm.runs]
    pairs = [(metric.of(r) if floor is None else metric.of_floor(r, floor), metric.of_floor(r, "real")) for r in runs]
    return [value / real for value, real in pairs if value is not None and real]


def _copying(arms: Sequence[Arm], values: Sequence[float], floor: str | None, digits: int) -> Cell:
    """C_T, which does not exist where too few images fall into each cell: that is an answer, and said."""
    runs = [run for arm in arms for run in arm.runs]
    found = [run.test if floor is None else run.floor(floor) for run in runs]
    asked = [m for m in found if m is not None and m.data_copying_cells is not None]
    cell = spread(values, digits)
    if len(values) == len(asked):
        return cell
    if not values:
        return Cell("cells too small")
    return Cell(cell.text, f"{cell.detail} {len(asked) - len(values)} of {len(asked)}: cells too small".strip())


def _floors(group: Group) -> list[tuple[str, tuple[Arm, ...]]]:
    """Each floor with the arms it is measured over: decoded images are an arm's own, the others common."""
    names = dict.fromkeys(
        n for arm in group.arms for run in arm.runs if run.test and run.results for n in run.results.floors
    )
    shared = [(name, group.arms) for name in names if name != "decoded"]
    return shared + [("decoded", (arm,)) for arm in group.arms if arm.floors("decoded")]


def _other_size(group: Group, arms: Sequence[Arm], name: str) -> str:
    """FD grows as samples shrink: a floor measured on another number of images than the arms says so."""
    sizes = {m.n for arm in arms for m in arm.floors(name).values()}
    same = sizes == {m.n for arm in group.arms for m in arm.test().values()}
    return "" if same else f"on {', '.join(number(size) for size in sorted(sizes))} images: not the arms' number"


def _differs(key: str, found: Sequence[Mapping[str, object]]) -> bool:
    """Whether arms that use the key's stage differ in it; its name also where an arm does without it."""
    stage, _, option = key.partition(".")
    using = [s for s in found if option == "name" or any(other.startswith(f"{stage}.") for other in s)]
    return len({str(setting.get(key)) for setting in using}) > 1
