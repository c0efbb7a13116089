"""What is measured of a trained GAN, once, at the end of its budget, and the floors beside it."""

from collections.abc import Mapping
from typing import Any

from aeaug.augmentation import DecodedSource
from aeaug.autoencoder.artifact import AutoencoderArtifact
from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation import Evaluator, FeatureNet, Metrics
from aeaug.evaluation.autoencoder_quality import autoencoder_quality
from aeaug.evaluation.classifier import STEPS
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import floors, validation_floor
from aeaug.evaluation.leak import leak
from aeaug.gan import GANModule
from aeaug.training.progress import progress_bar

__all__ = ["assess", "floor_of", "spaces"]


def assess(
    generators: Mapping[str, GANModule],
    data: MNISTDataModule,
    net: FeatureNet,
    validation: Evaluator,
    seed: int,
    *,
    source: DecodedSource | None = None,
    artifact: AutoencoderArtifact | None = None,
    curves_floor: Metrics | None = None,
    classifier_steps: int = STEPS,
    progress: bool = False,
) -> dict[str, Any]:
    """Measure averaged generators against the whole test split, and as many images of each floor.

    Args:
        generators: the trained GAN by reading: at its ``end``, and at its ``best``.
        data: what it was trained on, set up.
        net: the feature net.
        validation: the curves' evaluator, against the validation slice.
        seed: the run's.
        source: what was injected; None for an arm that injects nothing.
        artifact: the autoencoder whose quality, and whose leak into the generator, to measure; None: neither.
        curves_floor: :func:`~aeaug.evaluation.floors.validation_floor`, where it is measured already.
        classifier_steps: of the training of the small classifiers behind the accuracy score and the leak.
        progress: show a bar.

    Returns:
        ``readings``; ``floors`` by name (:mod:`aeaug.evaluation.floors`); ``validation_floor``, a real sample against
        the validation slice, the floor of the curves; ``autoencoder``, what is known of it, and ``leak``: None without
        one.
    """
    splits, n = data.splits, len(data.splits.test_images)
    evaluator = FinalEvaluator(
        to_float(splits.test_images), splits.test_labels, to_float(data.train_images), net, seed, classifier_steps
    )
    generated = generators["end"].sample(n, seed, "evaluation latents")
    at = {name: module.images_seen for name, module in generators.items()}
    sets = floors(data, n, seed, source) | {
        name: lambda module=module: module.sample(n, seed, "evaluation latents")
        for name, module in generators.items()
        if name == "end" or at[name] != at["end"]  # else it is the same
    }
    bar = progress_bar(sets.items(), "evaluation", disable=not progress, unit="set")
    measured = {name: evaluator.evaluate(images()) for name, images in bar}
    end = measured.pop("end")
    readings = {name: {"images": seen} | spaces(measured.pop(name, end)) for name, seen in at.items()}
    curves_floor = validation_floor(data, validation) if curves_floor is None else curves_floor
    result: dict[str, Any] = {
        "readings": readings,
        "floors": {name: floor_of(one) if name == "real" else spaces(one) for name, one in measured.items()},
        "validation_floor": floor_of(curves_floor),
        "autoencoder": None,
        "leak": None,
    }
    if artifact is not None:
        decoded = sets["decoded"]() if source is not None else None
        floor = curves_floor["frechet_distance"]
        assert isinstance(floor, float)
        quality = autoencoder_quality(artifact.module, data, validation, floor, seed)
        result["autoencoder"] = {**artifact.summary, "quality": quality}
        result["leak"] = leak(generated, decoded, artifact.module, data, net, seed, classifier_steps)
    return result


def spaces(measured: Metrics) -> dict[str, Any]:
    """A set of images as ``metrics.json`` has it, by feature space."""
    return {"spaces": {"classifier": measured}}


def floor_of(measured: Metrics) -> dict[str, Any]:
    """The same for a floor that is one draw."""
    return {"draws": 1, **spaces(measured), "sd": {}}
