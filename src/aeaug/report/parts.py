"""The parts of a report on one training-set size: what they hold, and how each is to be read.

A part is a subject (distance, copying, leak, cost, ...) with its tables, figures and pictures. HTML and Markdown show
the same parts; a part of which nothing was measured is left out, and named among what was not measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

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
        reading=()
        if len(table.columns) < 2
        else (
            "Only settings that differ between arms that use them; – where an arm does not. Everything else is equal, "
            "and stands in each run's `config.yaml`.",
        ),
    )


def _distance(group: Group, looks: Mapping[str, Style]) -> Part:
    table = metrics_table(group, DISTANCE, extras=("ratio", "states"))
    return Part(
        "distance",
        "Distance to real images",
        tables=_some(table),
        reading=(
            _terms(group, DISTANCE),
            "Numbers are medians over the seeds that are done, with [smallest–largest] under them; an arrow points "
            f"to the better side. Read each against its floors: {_floors(group)}. × floor is FD over that of the "
            "other real sample in the same run. A diverged run has no number here: read an arm that has any together "
            "with that count.",
        ),
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
        reading=(
            "A pair is one seed: same training subset, initial weights, order of real images and evaluation latents "
            "in both arms. Changes of FD are taken on its logarithm; − means that the arm's FD is lower than its "
            "control's. From 6 pairs on, the interval is a 95% percentile bootstrap of the median and p an exact "
            "two-sided sign-flip test, Holm-corrected over the comparisons of this report. Below 6 pairs no such p "
            "can reach 0.05, whatever the data, and none is given.",
            "Every other metric is compared on its own scale, distances, seconds and rates in percent, the rest in its "
            "units; under the median stand its interval, or below 6 pairs its smallest and largest. With so many "
            "metrics some move by chance: this describes, and tests nothing.",
        ),
        charts=_some(paired_differences(group, here, looks)),
    )


def _stability(group: Group, stable: Sequence[Stability]) -> Part:
    return Part(
        "stability",
        "Stability",
        tables=_some(stability_table(group, stable)),
        reading=(
            "Over the seeds that are done in both arms: the worst FD with its seed, and the spread, which is the "
            "standard deviation of log FD over seeds (0.1 is about 10%). A ratio below 1 speaks for the arm. p is "
            "that of the Pitman–Morgan test of equal spread in pairs, from 6 pairs on, Holm-corrected. Diverged runs "
            "have no FD: an arm that lost any is not stable, whatever its survivors show.",
        ),
    )


def _fidelity(group: Group, looks: Mapping[str, Style]) -> Part:
    return Part(
        "fidelity",
        "Fidelity and diversity",
        tables=_some(metrics_table(group, FIDELITY)),
        reading=(
            _terms(group, FIDELITY),
            "Precision and density tell whether images look real, recall and coverage whether the variety is there, "
            "class KL and modes whether all digits are. Better than another real sample is noise, or copying.",
        ),
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
        reading=(
            _terms(group, COPYING),
            "Another real sample shows what not copying looks like, the copied subset what copying does. A generator "
            "that copies has a gap clearly below that of the real sample, low authenticity and a negative C_T; far "
            "from real images, where FD is large, the gap says little. C_T compares images within cells of similar "
            "ones; where too few images fall into every cell it has no value, and the table says so.",
        ),
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
        charts=charts,
        reading=(
            "A discriminator that learns its training images by heart stops telling the generator what images are "
            "like. Validation images are as real as training images and were never shown to it, so whatever it says "
            "of them differently is memory.",
            "*r_t* is E sign D(train): near 1, all training images are called real. *r_v* is (E D(train) − E "
            "D(validation)) / (E D(train) − E D(generated)): 0 without overfitting, 1 where validation images are "
            "judged like generated ones. What the discriminator says of decoded images, which it is shown as real "
            "ones, tells whether it accepts them.",
        ),
    )


def _leak(group: Group) -> Part:
    return Part(
        "leak",
        "Leak of the autoencoder",
        tables=_some(leak_table(group)),
        reading=(
            "How much of the autoencoder's smoothing the generator learnt in place of the data. A classifier learns "
            "to tell real training images from their reconstructions; the table gives the share of generated images "
            "that it takes for decoded ones, then, as floors, what it says of held-out real images, their "
            "reconstructions and the decoded images that the arm was fed, and how often it is right on held-out "
            "images. Generated images differ from real ones in other ways too: read a share beside that of the arm "
            "that injects nothing.",
            "The difference is FD to the reconstructed training subset minus FD to test images, at equal numbers: "
            "negative, the generated images are closer to the reconstructions than to real images.",
        ),
    )


def _autoencoder(group: Group, looks: Mapping[str, Style]) -> Part:
    found = autoencoders(group)
    if not found:
        return Part("autoencoder", "The autoencoder by itself")
    return Part(
        "autoencoder",
        "The autoencoder by itself",
        tables=(quality_table(found), *perturbed_tables(found)),
        reading=(
            "Everything here is measured against the validation slice, so FD is not that of the other tables: its "
            "floor, another real sample, stands beside it. Held-out error is the mean squared error of intensities "
            "in [0, 1]. Random latents are drawn with the mean and spread of the codes. The probe is a linear "
            "classifier trained on the codes of the training subset, its floor one trained on the pixels: codes are "
            "features worth having where they do better. An intrinsic dimension far below the number of latent "
            "dimensions says that codes fill a small part of their space, which noise in all directions leaves.",
            "Labels kept is the share of decoded images to which the feature net gives the digit they were made from; "
            "γ = 0 is plain reconstruction.",
        ),
        charts=_some(perturbed_figure(group, found, looks)),
    )


def _cost(group: Group, looks: Mapping[str, Style]) -> Part:
    return Part(
        "cost",
        "Cost",
        tables=tuple(cost_tables(group)),
        reading=(
            "Wall-clock seconds of the runs that are done, median and [smallest–largest]. An autoencoder's seconds are "
            "those of its training, whichever run did it: runs on the same subset share one, so that a sweep spends "
            "less than their sum. Images a second counts images shown to the discriminator over the seconds of GAN "
            "training and augmentation. Runs that shared a machine slowed each other down: these are not benchmark "
            "times.",
        ),
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
