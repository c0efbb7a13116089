"""What is measured of a trained GAN, once, at the end of its budget, and the floors beside it."""

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

__all__ = ["assess"]


def assess(
    module: GANModule,
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
    """Measure the averaged generator against the whole test split, and as many images of each floor.

    Args:
        module: the trained GAN.
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
        ``test``; ``floors`` by name (:mod:`aeaug.evaluation.floors`); ``validation_floor``, a real sample against the
        validation slice, the floor of the curves; ``autoencoder``, what is known of it, and ``leak``: None without one.
    """
    splits, n = data.splits, len(data.splits.test_images)
    evaluator = FinalEvaluator(
        to_float(splits.test_images), splits.test_labels, to_float(data.train_images), net, seed, classifier_steps
    )
    generated = module.sample(n, seed, "evaluation latents")
    sets = {"test": lambda: generated} | floors(data, n, seed, source)
    bar = progress_bar(sets.items(), "evaluation", disable=not progress, unit="set")
    measured = {name: evaluator.evaluate(images()) for name, images in bar}
    curves_floor = validation_floor(data, validation) if curves_floor is None else curves_floor
    result: dict[str, Any] = {
        "test": measured.pop("test"),
        "floors": measured,
        "validation_floor": curves_floor,
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
