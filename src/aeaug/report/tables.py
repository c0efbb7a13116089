"""The tables of the report, as text: one place decides what a number looks like, three (HTML, Markdown, terminal) show it.

Medians are over the seeds that are done, `[a–b]` is their smallest and largest value. Floors are rows of the same table.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from aeaug.report.collect import Arm, Group
from aeaug.report.comparability import settings
from aeaug.report.comparison import Comparison, percent
from aeaug.report.records import Metrics, Run
from aeaug.report.statistics import MINIMUM_PAIRS

__all__ = ["Cell", "Row", "Table", "arms_table", "cost_table", "decimals", "number", "paired_table", "settings_table"]

NONE = "–"


@dataclass(frozen=True)
class Cell:
    """`text`, with a smaller `detail` beside or under it."""

    text: str
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """One row; `variant` is the arm it belongs to (for its colour), `floor` sets it apart from the arms."""

    cells: tuple[Cell, ...]
    variant: str = ""
    floor: bool = False


@dataclass(frozen=True)
class Table:
    """Columns after the first hold numbers, unless `words` names them."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    words: frozenset[str] = frozenset()


def arms_table(group: Group) -> Table:
    """Every arm with every reported metric, then the floors."""
    places = decimals(m.frechet_distance for arm in group.arms for m in (*arm.test().values(), *arm.floors("real").values()))
    columns = ("arm", "FD", "× floor", "precision", "recall", "density", "coverage", "class KL", "modes", "done", "diverged")
    rows = [_metrics_row(arm.variant, arm, arm.test(), places) for arm in group.arms]
    every = [(arm, name) for arm in group.arms for name in _floor_names(arm)]
    for name in sorted({name for _, name in every} - {"decoded"}, key=lambda name: ("real", "copy", name).index(name)):
        rows.append(_floor_row(_FLOORS.get(name, name), name, [arm for arm, n in every if n == name], group, places))
    rows += [_floor_row(f"decoded images of {arm.variant}", n, [arm], group, places) for arm, n in every if n == "decoded"]
    return Table(columns, tuple(rows))


_FLOORS = {"real": "another real sample", "copy": "copy of the training subset"}


def _floor_names(arm: Arm) -> list[str]:
    return sorted({name for run in arm.runs if run.test and run.results for name in run.results.floors})


def _metrics_row(name: str, arm: Arm, metrics: dict[int, Metrics], places: int) -> Row:
    reals = arm.floors("real")
    ratios = [m.frechet_distance / reals[seed].frechet_distance for seed, m in metrics.items() if seed in reals]
    cells = (*_metrics_cells(list(metrics.values()), ratios, places), Cell(f"{len(metrics)} of {len(arm.runs)}"))
    return Row((Cell(name), *cells, Cell(str(arm.count("diverged")))), variant=arm.variant)


def _floor_row(label: str, name: str, arms: Sequence[Arm], group: Group, places: int) -> Row:
    pairs = [(floor, arm.floors("real").get(seed)) for arm in arms for seed, floor in arm.floors(name).items()]
    ratios = [floor.frechet_distance / real.frechet_distance for floor, real in pairs if real is not None]
    sizes = {floor.n for floor, _ in pairs}
    evaluated = {m.n for arm in group.arms for m in arm.test().values()}
    note = "" if sizes == evaluated else f"only {', '.join(map(str, sorted(sizes)))} images: FD reads too high"
    cells = _metrics_cells([floor for floor, _ in pairs], ratios, places)
    return Row((Cell(label, note), *cells, Cell(""), Cell("")), variant=arms[0].variant if name == "decoded" else "", floor=True)


def _metrics_cells(metrics: Sequence[Metrics], ratios: Sequence[float], places: int) -> list[Cell]:
    formats: list[tuple[Callable[[Metrics], float], int]] = [
        (lambda m: m.precision, 3),
        (lambda m: m.recall, 3),
        (lambda m: m.density, 3),
        (lambda m: m.coverage, 3),
        (lambda m: m.class_kl, 4),
        (lambda m: m.modes, 0),
    ]
    first = [spread([m.frechet_distance for m in metrics], places), spread(ratios, 1)]
    return first + [spread([value(m) for m in metrics], digits) for value, digits in formats]


def paired_table(comparisons: Sequence[Comparison]) -> Table:
    """Each treatment against its control: change of FD over pairs of equal seeds, with what certainty there is."""
    columns = ("arm", "against", "pairs", "FD, median change", "smallest to largest", "lower in", "95% interval", "p", "p, Holm")
    rows = []
    for row in comparisons:
        names = (Cell(row.name), Cell(row.control.variant))
        if row.paired is None:
            rows.append(Row((*names, Cell("0"), *[Cell(NONE)] * 6), variant=row.name))
            continue
        pairs, ends = len(row.paired.seeds), sorted(row.paired.differences)
        few = (Cell("too few seeds", f"{MINIMUM_PAIRS} pairs needed"), Cell(NONE), Cell(NONE))
        sure = few
        if row.paired.interval is not None and row.paired.p is not None and row.paired.p_holm is not None:
            low, high = row.paired.interval
            sure = (Cell(f"{percent(low)} to {percent(high)}"), Cell(f"{row.paired.p:.2g}"), Cell(f"{row.paired.p_holm:.2g}"))
        cells = (
            Cell(str(pairs), f"{row.unpaired} without a pair" if row.unpaired else ""),
            Cell(percent(row.paired.median)),
            Cell(f"{percent(ends[0])} to {percent(ends[-1])}"),
            Cell(f"{row.lower} of {pairs}"),
            *sure,
        )
        rows.append(Row((*names, *cells), variant=row.name))
    return Table(columns, tuple(rows), frozenset({"against"}))


def settings_table(group: Group) -> Table:
    """What each arm does: its settings where they differ between the arms."""
    found = {arm.variant: next((settings(run.config) for run in arm.runs if run.config), {}) for arm in group.arms}
    everything = sorted({key for setting in found.values() for key in setting} - {"data.root", "data.subset_seed"})
    differing = [key for key in everything if len({str(setting.get(key)) for setting in found.values()}) > 1]
    rows = [
        Row((Cell(arm.variant, "control" if arm is group.control else ""),
             *(Cell(str(found[arm.variant].get(key, NONE))) for key in differing)), variant=arm.variant)
        for arm in group.arms
    ]  # fmt: skip
    return Table(("arm", *differing), tuple(rows), frozenset(differing))


def cost_table(group: Group) -> Table:
    """Seconds by stage and parameters of each network."""
    statuses = {arm.variant: [run.status for run in arm.runs if run.state == "done" and run.status] for arm in group.arms}
    stages = list(dict.fromkeys(stage for found in statuses.values() for status in found for stage in status.seconds))
    networks = ("generator", "discriminator", "autoencoder")
    rows = []
    for arm in group.arms:
        found = statuses[arm.variant]
        seconds = [spread([s.seconds[stage] for s in found if stage in s.seconds], 1) for stage in stages]
        totals = spread([sum(status.seconds.values()) for status in found], 1)
        sizes = [Cell(_parameters(arm.runs, network)) for network in networks]
        rows.append(Row((Cell(arm.variant), *seconds, totals, *sizes), variant=arm.variant))
    labels = (*(f"{stage}, s" for stage in stages), "total, s", *(f"{network}, parameters" for network in networks))
    return Table(("arm", *labels), tuple(rows))


def spread(values: Sequence[float], places: int) -> Cell:
    """Median of `values`, with their smallest and largest where there is more than one."""
    if not values:
        return Cell(NONE)
    ends = number(min(values), places), number(max(values), places)
    detail = f"[{ends[0]}–{ends[1]}]" if len(values) > 1 else ""
    middle = float(np.median(values))
    return Cell(number(middle, places if places or middle.is_integer() or middle > 20 else 1), detail)


def number(value: float, places: int) -> str:
    """`value` with `places` decimals, thousands apart, a true minus sign."""
    return f"{value:,.{places}f}".replace("-", "−").replace(",", "\u202f") if math.isfinite(value) else str(value)


def decimals(values: Iterable[float]) -> int:
    """Decimals, 0 to 4, that leave the smallest of `values` two significant digits."""
    smallest = min((abs(value) for value in values if value), default=1.0)
    return min(4, max(0, 1 - math.floor(math.log10(smallest))))


def _parameters(runs: Sequence[Run], network: str) -> str:
    found = (run.results.parameters.get(network) for run in runs if run.results)
    count = next((count for count in found if count is not None), None)
    return NONE if count is None else number(count, 0)
