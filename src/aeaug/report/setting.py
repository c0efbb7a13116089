"""What the runs of a report share, and what their comparisons rest on, in words: data, work, tuning, machine."""

from collections import defaultdict
from collections.abc import Iterator

from aeaug.evaluation.leading_metric import IMAGES_A_FEATURE
from aeaug.evaluation.reading import NONE, number
from aeaug.evaluation.spaces import in_words
from aeaug.report import tables
from aeaug.report.arms import Arm
from aeaug.report.results import Results
from aeaug.report.statistics.halves import unlike_halves
from aeaug.report.verdict.facts import readings
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.labels import labelled

__all__ = ["fingerprints", "setting"]

_WORDS = {
    "data": "data",
    "device": "device",
    "processor": "processor",
    "threads": "threads",
    "versions": "versions",
    "code": "code",
}
_COUNTS = {
    "training images": "data.n_train",
    "test images": "data.n_test",
    "images shown to the discriminator in every run": "budget.images",
    "of them in an epoch": "budget.images_per_epoch",
    "and in a batch": "budget.batch_size",
}


def setting(results: Results) -> Iterator[tuple[str, str]]:
    """Pairs of a subject and what is said of it."""
    for label, key in _WORDS.items():
        if words := results.words(key):
            yield label, " — but also: ".join(words)
    for label, key in _COUNTS.items():
        if counts := sorted({run.counts[key] for run in results.runs if key in run.counts}):
            yield label, ", ".join(map(number, counts))
    controls = dict.fromkeys(control.name for group in results.groups for _, control in group.compared)
    yield "compared with", ", ".join(controls) or "nothing: no arm, or several, inject nothing"
    if unlike := unlike_halves(_pairs(results)):
        yield "pairs whose halves were not trained alike", unlike
    yield "options of every arm", ", ".join(f"{key}={value}" for key, value in tables.common_settings(results).items())
    used = dict(found for run in results.runs for found in labelled(run.settings).items())
    yield "options that use labels", "; ".join(f"{option}: {why}" for option, why in used.items()) or "none"
    yield "weight of R1, gan.r1_gamma", "; ".join(_weights(results)) or NONE
    yield "the best reading is one of", ", ".join(map(str, readings(results.runs))) or NONE
    draws = sorted({int(word) for run in results.runs if (word := run.settings.get("evaluation.floor_draws"))})
    yield "draws of another real sample, behind its mean and ±", ", ".join(map(str, draws)) or NONE
    yield "seeds", ", ".join(map(str, sorted({run.seed for run in results.runs})))
    for space in results.spaces:
        if (leads := results.distance(space)).key != "frechet_distance":
            why = f"the images are fewer than {IMAGES_A_FEATURE} for each feature, too few for FD"
            yield f"distance that leads in {in_words(space)}", f"{leads.label}: {why}"
    subsets = len(results.words("data.subset_sha256"))
    yield "training subsets", f"{subsets}, the same in every arm for a subset's seed and a size"
    yield from fingerprints(results)
    if ends := sorted({word[:10] for word in results.words("finished")}):
        yield "runs finished", " to ".join(dict.fromkeys((ends[0], ends[-1])))


def fingerprints(results: Results) -> Iterator[tuple[str, str]]:
    """The beginning of each SHA-256 that numbers stand on, and of what it is: of the data, and of every feature net."""
    nets = [(f"of the net behind {in_words(space)}", f"feature_net.{space}") for space in results.spaces]
    for label, key in (("SHA-256 of the data", "data.sha256"), *nets):
        yield label, ", ".join(f"{word[:12]}…" for word in results.words(key)) or NONE


def _pairs(results: Results) -> list[tuple[Arm, Arm]]:
    """Each treatment with its control, and the arms that claims compare besides."""
    found = {(id(group), *_names(both)): both for group in results.groups for both in group.compared}
    for size in (size for row in verdicts(results) for size in row.sizes):
        if size.treatment is not None and size.control is not None:
            both = size.treatment, size.control
            found.setdefault((id(size.group), *_names(both)), both)
    return list(found.values())


def _names(arms: tuple[Arm, Arm]) -> tuple[str, str]:
    return arms[0].name, arms[1].name


def _weights(results: Results) -> Iterator[str]:
    """The weight of each arm and size, and whether it is a tuned one."""
    found = defaultdict(list)
    for group in results.groups:
        for arm in group.arms:
            for word in dict.fromkeys(word for run in arm.runs if (word := run.words.get("weight_of_r1"))):
                found[word].append(f"{arm.name} with {group.size} images")
    return (f"{word} ({', '.join(arms)})" for word, arms in found.items())
