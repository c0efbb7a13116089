"""What the arms cost: a table of seconds, rates, memory and parameters, and a figure of seconds against quality."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from aeaug.report.collect import Arm, Group
from aeaug.report.drawing import Chart, Style, canvas, chart, legend
from aeaug.report.metrics import METRICS
from aeaug.report.records import Run
from aeaug.report.scales import log_scale
from aeaug.report.table import Cell, Row, Table, decimals, spread

__all__ = ["cost_figure", "cost_tables", "training_seconds"]

Read = Callable[[Run], float | None]

_STAGES = ("autoencoder", "augmentation", "gan")  # what it takes to have a generator; evaluation is the same for all
_GIB = 2**30


def cost_tables(group: Group) -> list[Table]:
    """By arm: wall-clock seconds by stage; and rates, memory and parameters. Empty before any run is done."""
    done = [run for arm in group.arms for run in arm.runs if run.state == "done" and run.status]
    if not done:
        return []
    stages = list(dict.fromkeys(stage for run in done if run.status for stage in run.status.seconds))
    seconds: dict[str, tuple[Read, int]] = {stage: (_stage(stage), 1) for stage in stages}
    each = [value for run in done if (value := _augmentation_per_epoch(run)) is not None]
    seconds |= {
        "total": (METRICS["seconds_total"].of, 1),
        "augmentation, an epoch": (_augmentation_per_epoch, decimals(each)),
    }
    networks = list(dict.fromkeys(n for run in done if run.results for n in run.results.parameters))
    others: dict[str, tuple[Read, int]] = {
        "images a second": (METRICS["images_per_second"].of, 0),
        "host memory (GiB)": (lambda run: _memory(run, "host_bytes"), 2),
        "device memory (GiB)": (lambda run: _memory(run, "device_bytes"), 2),
        **{f"{network} parameters": (_parameters(network), 0) for network in networks},
    }
    return [_table(group, done, seconds, "Seconds"), _table(group, done, others, "Rate, memory, size")]


def _table(group: Group, done: Sequence[Run], columns: Mapping[str, tuple[Read, int]], title: str) -> Table:
    """Medians over the done seeds of each arm; columns that no run has are left out."""
    shown = {label: column for label, column in columns.items() if any(column[0](run) is not None for run in done)}
    rows = []
    for arm in group.arms:
        runs = [run for run in arm.runs if run.state == "done"]
        found = [[value for run in runs if (value := read(run)) is not None] for read, _ in shown.values()]
        cells = [spread(values, digits) for values, (_, digits) in zip(found, shown.values(), strict=True)]
        rows.append(Row((Cell(arm.name), *cells), arm.variant))
    return Table(("arm", *shown), tuple(rows), title=title)


def cost_figure(group: Group, looks: Mapping[str, Style]) -> Chart | None:
    """FD of every run over the seconds that led to its generator; None before any run is done."""
    arms = [(arm, found) for arm in group.arms if (found := _paid(arm))]
    if not arms:
        return None
    with canvas(3.2) as (figure, axes):
        for arm, found in arms:
            axes.plot(*zip(*found, strict=True), label=arm.name, **looks[arm.variant].marks(6.5))
            middle = np.median(found, axis=0)
            axes.plot(*middle, color=looks[arm.variant].colour, marker="+", markersize=16, markeredgewidth=1.6)
        seconds, distances = zip(*(point for _, found in arms for point in found), strict=True)
        log_scale(axes, "y", min(distances) / 1.15, max(distances) * 1.15)
        room = 0.08 * (max(seconds) - min(seconds)) or 0.05 * max(seconds)
        axes.set_xlim(min(seconds) - room, max(seconds) + room)
        axes.set_xlabel("seconds of training, autoencoder included")
        axes.set_ylabel("FD to the test split (log scale)")
        legend(figure, [arm.name for arm, _ in arms])
    return chart(
        figure,
        f"cost-quality-{group.size}",
        "Cost against quality",
        "Each mark is one run, a large cross the medians of its arm: further left is cheaper, further down better. "
        "Every run is charged the whole training of its autoencoder, also where another run had trained it.",
        "what more training would have brought an arm that costs less: all arms show the discriminator equally many "
        "images. Axes do not start at 0.",
    )


def training_seconds(run: Run) -> float | None:
    """Seconds that led to a generator: of the autoencoder, of augmentation and of the GAN's training."""
    if run.status is None or "gan" not in run.status.seconds:
        return None
    return sum(run.status.seconds.get(stage, 0.0) for stage in _STAGES)


def _paid(arm: Arm) -> list[tuple[float, float]]:
    fd = METRICS["frechet_distance"]
    pairs = [(training_seconds(run), fd.of(run)) for run in arm.runs]
    return [(seconds, value) for seconds, value in pairs if seconds is not None and value is not None]


def _stage(stage: str) -> Read:
    return lambda run: run.status.seconds.get(stage) if run.status else None


def _augmentation_per_epoch(run: Run) -> float | None:
    seconds = _stage("augmentation")(run)
    if seconds is None or run.results is None:
        return None
    return seconds * run.results.budget.images_per_epoch / run.results.budget.images


def _memory(run: Run, of: str) -> float | None:
    held: int | None = getattr(run.status.peak_memory, of) if run.status else None
    return held / _GIB if held is not None else None


def _parameters(network: str) -> Read:
    return lambda run: run.results.parameters.get(network) if run.results else None
