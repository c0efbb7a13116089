"""The parts of a report on one training-set size: what they hold, and how each is to be read.

A part is a subject (distance, copying, leak, cost, ...) with its tables, figures and pictures. HTML and Markdown show
the same parts; a part of which nothing was measured is left out, and named among what was not measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from aeaug.report import readings
from aeaug.report.autoencoders import autoencoders, perturbed_figure, perturbed_tables, quality_table
from aeaug.report.collect import Group
from aeaug.report.comparison import Comparison
from aeaug.report.cost import cost_figure, cost_tables
from aeaug.report.curves import coverage_curve, frechet_curve
from aeaug.report.drawing import Chart, Style
from aeaug.report.figures import frechet_by_arm, paired_differences
from aeaug.report.leak import leak_table
from aeaug.report.metrics import METRICS
from aeaug.report.overfitting import judgement_figure, logit_figure, overfitting_figure
from aeaug.report.paired_tables import paired_metrics_table, paired_table, stability_table
from aeaug.report.quality import class_shares, precision_recall
from aeaug.report.samples import Gallery, galleries, sample_galleries
from aeaug.report.stability import Stability
from aeaug.report.table import Table
from aeaug.report.tables import (
    COPYING,
    DISTANCE,
    FIDELITY,
    OVERFITTING,
    metrics_table,
    settings_table,
    unmeasured,
)

__all__ = ["Part", "not_measured", "parts"]

ContentT = TypeVar("ContentT", Table, Chart)


@dataclass(frozen=True)
class Part:
    """One subject; `lead` stands before its tables, `reading` after them, and says how to read them."""

    key: str
    title: str
    tables: tuple[Table, ...] = ()
    reading: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    galleries: tuple[Gallery, ...] = ()
    lead: tuple[str, ...] = ()


def parts(
    group: Group,
    compared: Mapping[str, Sequence[Comparison]],
    stable: Sequence[Stability],
    looks: Mapping[str, Style],
) -> list[Part]:
    """The parts of `group` that hold anything; `compared` are all comparisons by metric, FD among them."""
    made = (
        _arms(group),
        _distance(group, looks),
        _paired(group, compared, looks),
        _stability(group, stable),
        _fidelity(group, looks),
        _copying(group),
        _training(group, looks),
        _overfitting(group, looks),
        _leak(group),
        _autoencoder(group, looks),
        Part("samples", "Samples", galleries=tuple(sample_galleries(group))),
        _cost(group, looks),
    )
    return [part for part in made if part.tables or part.charts or part.galleries or part.lead]


def not_measured(group: Group) -> list[str]:
    """What none of the done runs of `group` has, in words; none before any run is done."""
    if not any(arm.test() for arm in group.arms):
        return []
    runs = [run for arm in group.arms for run in arm.runs]
    found = unmeasured(group, (*DISTANCE, *FIDELITY, *COPYING))
    found += [] if leak_table(group) else ["leak"]
    found += [] if autoencoders(group) else ["quality of the autoencoder"]
    found += [] if any(p.discriminator for run in runs for p in run.history) else ["overfitting of the discriminator"]
    found += [] if any(METRICS["peak_memory"].of(run) for run in runs) else ["peak memory"]
    return found


def _arms(group: Group) -> Part:
    table = settings_table(group)
    return Part(
        "arms",
        "What the arms do",
        tables=(table,) if len(table.columns) > 1 else (),
        reading=(readings.ARMS,) if len(table.columns) > 1 else (),
    )


def _distance(group: Group, looks: Mapping[str, Style]) -> Part:
    table = metrics_table(group, DISTANCE, extras=("ratio", "states"))
    return Part(
        "distance",
        "Distance to real images",
        tables=_some(table),
        reading=(_terms(group, DISTANCE), readings.NUMBERS.format(floors=_floors(group))),
        charts=_some(frechet_by_arm(group, looks)),
    )


def _paired(group: Group, compared: Mapping[str, Sequence[Comparison]], looks: Mapping[str, Style]) -> Part:
    here = [row for row in compared["frechet_distance"] if any(row.treatment is arm for arm in group.arms)]
    if not here:
        alone = "Only one arm: nothing to compare."
        no_control = (
            "No control: give one with `control=<arm>`. By default it is the arm with `augmentation.name=none`."
        )
        return Part("paired", "Paired differences", lead=(alone if group.control else no_control,))
    others = {key: rows for key, rows in compared.items() if key != "frechet_distance"}
    return Part(
        "paired",
        "Paired differences",
        tables=(paired_table(here), *_some(paired_metrics_table(group, others))),
        reading=(readings.PAIRS, readings.OTHER_METRICS),
        charts=_some(paired_differences(group, here, looks)),
    )


def _stability(group: Group, stable: Sequence[Stability]) -> Part:
    return Part(
        "stability",
        "Stability",
        tables=_some(stability_table(group, stable)),
        reading=(readings.STABILITY,),
    )


def _fidelity(group: Group, looks: Mapping[str, Style]) -> Part:
    return Part(
        "fidelity",
        "Fidelity and diversity",
        tables=_some(metrics_table(group, FIDELITY)),
        reading=(_terms(group, FIDELITY), readings.FIDELITY),
        charts=_some(precision_recall(group, looks), class_shares(group, looks)),
    )


def _copying(group: Group) -> Part:
    nearest = galleries(
        group,
        (
            "nearest.png",
            "Nearest training images",
            "The upper row is generated; under each image its three nearest training images in feature space, nearest "
            "first. Columns of near duplicates are copies.",
        ),
    )
    return Part(
        "copying",
        "Generalisation and copying",
        tables=_some(metrics_table(group, COPYING)),
        reading=(_terms(group, COPYING), readings.COPYING),
        galleries=tuple(nearest),
    )


def _training(group: Group, looks: Mapping[str, Style]) -> Part:
    charts = _some(frechet_curve(group, looks), coverage_curve(group, looks))
    return Part("training", "Over training", charts=charts)


def _overfitting(group: Group, looks: Mapping[str, Style]) -> Part:
    charts = _some(overfitting_figure(group, looks), logit_figure(group, looks), judgement_figure(group, looks))
    return Part(
        "overfitting",
        "Overfitting of the discriminator",
        tables=_some(metrics_table(group, OVERFITTING)),
        charts=charts,
        reading=(readings.OVERFITTING, readings.RATES),
    )


def _leak(group: Group) -> Part:
    return Part(
        "leak",
        "Leak of the autoencoder",
        tables=_some(leak_table(group)),
        reading=(readings.LEAK, readings.LEAK_DISTANCE),
    )


def _autoencoder(group: Group, looks: Mapping[str, Style]) -> Part:
    found = autoencoders(group)
    if not found:
        return Part("autoencoder", "The autoencoder by itself")
    return Part(
        "autoencoder",
        "The autoencoder by itself",
        tables=(quality_table(found), *perturbed_tables(found)),
        reading=(readings.AUTOENCODER, readings.LABELS_KEPT),
        charts=_some(perturbed_figure(group, found, looks)),
    )


def _cost(group: Group, looks: Mapping[str, Style]) -> Part:
    return Part(
        "cost",
        "Cost",
        tables=tuple(cost_tables(group)),
        reading=(readings.COST,),
        charts=_some(cost_figure(group, looks)),
    )


def _floors(group: Group) -> str:
    """What the floors stand for, of those that were measured."""
    measured = {name for arm in group.arms for run in arm.runs if run.results for name in run.results.floors}
    meanings = {
        "real": "another real sample is what a perfect generator would score",
        "copy": "the copied subset what memorising would",
        "pixels": "a Gaussian fitted to pixels what hardly any learning does",
        "decoded": "the decoded images are what an arm was fed",
    }
    return ", ".join(text for name, text in meanings.items() if name in measured)


def _terms(group: Group, keys: Sequence[str]) -> str:
    """What the columns mean, of those metrics that were measured."""
    absent = unmeasured(group, keys)
    shown = [METRICS[key] for key in keys if METRICS[key].label not in absent]
    return "; ".join(f"*{metric.label}*: {metric.meaning}" for metric in shown) + "."


def _some(*found: ContentT | None) -> tuple[ContentT, ...]:
    return tuple(one for one in found if one is not None)
