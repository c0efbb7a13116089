"""The report's tables: arms with their floors, paired differences, what the arms do, what they cost.

Medians are over the seeds that are done, `[a–b]` is their smallest and largest value.
"""

from collections.abc import Callable, Mapping, Sequence

from aeaug.report.collect import Arm, Group
from aeaug.report.comparison import Comparison, percent
from aeaug.report.records import Metrics, Run
from aeaug.report.statistics import MINIMUM_PAIRS, Paired
from aeaug.report.table import NONE, Cell, Row, Table, decimals, number, spread

__all__ = ["arms_table", "cost_table", "paired_table", "settings_table"]

_METRICS: dict[str, tuple[Callable[[Metrics], float], int]] = {
    "precision": (lambda m: m.precision, 3),
    "recall": (lambda m: m.recall, 3),
    "density": (lambda m: m.density, 3),
    "coverage": (lambda m: m.coverage, 3),
    "class KL": (lambda m: m.class_kl, 4),
    "modes": (lambda m: m.modes, 0),
}
_FLOORS = {"real": "another real sample", "copy": "copy of the training subset"}


def arms_table(group: Group) -> Table:
    """Every arm with every reported metric, then the floors, measured at the same sample size."""
    measured = [m for arm in group.arms for m in (*arm.test().values(), *arm.floors("real").values())]
    places = decimals(m.frechet_distance for m in measured)
    rows = []
    for arm in group.arms:
        done = Cell(f"{len(arm.test())} of {len(arm.runs)}"), Cell(str(arm.count("diverged")))
        rows.append(Row((Cell(arm.variant), *_measured([(arm, arm.test())], places), *done), variant=arm.variant))
    for name, arms in _floors(group):
        metrics = [(arm, arm.floors(name)) for arm in arms]
        label = f"decoded, {arms[0].variant}" if name == "decoded" else _FLOORS.get(name, name)
        head = Cell(label, _other_size(group, metrics))
        variant = arms[0].variant if name == "decoded" else ""
        rows.append(Row((head, *_measured(metrics, places), Cell(""), Cell("")), variant, floor=True))
    return Table(("arm", "FD", "× floor", *_METRICS, "done", "diverged"), tuple(rows))


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
        cells = [Cell(row.control.variant), Cell(str(len(row.paired.seeds) if row.paired else 0), lost)]
        cells += _evidence(row.paired, row.lower) if row.paired else [Cell(NONE)] * 6
        rows.append(Row((Cell(row.name), *cells), row.name))
    return Table((*columns, "p", "Holm\u00a0p"), tuple(rows), frozenset({"against"}))


def settings_table(group: Group) -> Table:
    """What each arm does: its settings, of the stages it uses, where they differ between arms."""
    found = [arm.settings for arm in group.arms]
    keys = sorted({key for setting in found for key in setting})
    differing = [key for key in keys if _differs(key, found)]
    rows = []
    for arm, setting in zip(group.arms, found, strict=True):
        head = Cell(arm.variant, "control" if arm is group.control else "")
        rows.append(Row((head, *(Cell(str(setting.get(key, NONE))) for key in differing)), arm.variant))
    return Table(("arm", *differing), tuple(rows), frozenset(differing))


def cost_table(group: Group) -> Table:
    """Wall-clock seconds by stage, and parameters of each network."""
    done = [[run.status for run in arm.runs if run.state == "done" and run.status] for arm in group.arms]
    stages = list(dict.fromkeys(stage for statuses in done for status in statuses for stage in status.seconds))
    networks = list(
        dict.fromkeys(n for arm in group.arms for run in arm.runs if run.results for n in run.results.parameters)
    )
    rows = []
    for arm, statuses in zip(group.arms, done, strict=True):
        seconds = [spread([s.seconds[stage] for s in statuses if stage in s.seconds], 1) for stage in stages]
        total = spread([sum(status.seconds.values()) for status in statuses], 1)
        sizes = [Cell(_parameters(arm.runs, network)) for network in networks]
        rows.append(Row((Cell(arm.variant), *seconds, total, *sizes), arm.variant))
    seconds_of = [f"{stage}\u00a0(s)" for stage in (*stages, "total")]
    labels = [*seconds_of, *(f"{network} parameters" for network in networks)]
    return Table(("arm", *labels), tuple(rows))


def _differs(key: str, found: Sequence[Mapping[str, object]]) -> bool:
    """Whether arms that use the key's stage differ in it; its name also where an arm does without it."""
    stage, _, option = key.partition(".")
    using = [s for s in found if option == "name" or any(other.startswith(f"{stage}.") for other in s)]
    return len({str(setting.get(key)) for setting in using}) > 1


def _measured(metrics: Sequence[tuple[Arm, Mapping[int, Metrics]]], places: int) -> list[Cell]:
    """FD, its multiple of the same run's real floor, and the other metrics, over all seeds of some arms."""
    found = [(m, arm.floors("real").get(seed)) for arm, by_seed in metrics for seed, m in by_seed.items()]
    ratios = [m.frechet_distance / real.frechet_distance for m, real in found if real is not None]
    others = [spread([value(m) for m, _ in found], digits) for value, digits in _METRICS.values()]
    return [spread([m.frechet_distance for m, _ in found], places), spread(ratios, 1), *others]


def _floors(group: Group) -> list[tuple[str, tuple[Arm, ...]]]:
    """Each floor with the arms it is measured over: decoded images are an arm's own, the others common."""
    names = dict.fromkeys(
        n for arm in group.arms for run in arm.runs if run.test and run.results for n in run.results.floors
    )
    shared = [(name, group.arms) for name in names if name != "decoded"]
    return shared + [("decoded", (arm,)) for arm in group.arms if arm.floors("decoded")]


def _other_size(group: Group, metrics: Sequence[tuple[Arm, Mapping[int, Metrics]]]) -> str:
    """FD grows as samples shrink: a floor measured on another number of images than the arms says so."""
    sizes = {m.n for _, by_seed in metrics for m in by_seed.values()}
    same = sizes == {m.n for arm in group.arms for m in arm.test().values()}
    return "" if same else f"on {', '.join(number(size) for size in sorted(sizes))} images: not the arms' number"


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


def _parameters(runs: Sequence[Run], network: str) -> str:
    found = (run.results.parameters.get(network) for run in runs if run.results)
    count = next((count for count in found if count is not None), None)
    return NONE if count is None else number(count)
