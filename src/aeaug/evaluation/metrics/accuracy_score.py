"""Classification accuracy score: how well does a classifier that has seen only these images know real ones?

Ravuri & Vinyals (2019, arXiv:1905.10887) train a classifier on images of a conditional generator and test it on
real ones: it falls where images are unlike real ones and where kinds of them are missing. The generators here are
unconditional, so the feature net labels their images; those it labels with a probability of at least 0.9 are kept,
and their share is reported, because a classifier can learn from the clear half of a bad set. The score of real images
is its ceiling, not 1.
"""

from typing import NamedTuple

from torch import Tensor

from aeaug.classifier import MOST_CLASSES, STEPS, train_classifier
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference, Sample

__all__ = ["CONFIDENCE", "MEASUREMENT", "MINIMUM", "AccuracyScore", "accuracy_score"]

CONFIDENCE = 0.9
MINIMUM = 10  # confident images; fewer are not trained on


class AccuracyScore(NamedTuple):
    """``accuracy`` in [0, 1], or None where too few images are confident or classes too many;
    ``confident_share`` in [0, 1]."""

    accuracy: float | None
    confident_share: float


def accuracy_score(
    images: Tensor, logits: Tensor, test_images: Tensor, test_labels: Tensor, seed: int, steps: int = STEPS
) -> AccuracyScore:
    """Accuracy on real test images of a classifier trained on the confident ones of ``images``.

    Args:
        images: ``(N, C, H, W)`` in [-1, 1], N >= 1; the classifier is trained on their device.
        logits: ``(N, C)``, the feature net's for these images.
        test_images: ``(T, C, H, W)`` in [-1, 1], T >= 1, on any device.
        test_labels: ``(T,)`` int64 in [0, C).
        seed: of the classifier; the same in every set that is to be compared.
        steps: of its training; the same, too.

    Returns:
        The accuracy, None with fewer than 10 confident images or more than 100 classes, and the share of confident
        images.

    Raises:
        ValueError: for numbers of images, logits and labels that do not belong together, no images, or logits that
            are not finite.
    """
    if logits.ndim != 2 or len(logits) != len(images) or logits.numel() == 0:
        raise ValueError(f"logits: expected shape ({len(images)}, C) of at least 1 image, got {tuple(logits.shape)}")
    if not bool(logits.isfinite().all()):
        raise ValueError("logits: some are not finite")
    if len(test_images) == 0 or test_labels.shape != test_images.shape[:1]:
        raise ValueError(
            f"test_labels: expected one for each of at least 1 test image, "
            f"got {tuple(test_labels.shape)} for {len(test_images)}"
        )
    probabilities, labels = logits.double().softmax(1).to(images.device).max(1)
    confident = probabilities >= CONFIDENCE
    share = confident.double().mean().item()
    if confident.sum() < MINIMUM or logits.shape[1] > MOST_CLASSES:
        return AccuracyScore(None, share)
    classifier = train_classifier(
        images[confident], labels[confident], logits.shape[1], seed, "classification accuracy score", steps
    )
    found = classifier.classes(test_images)
    return AccuracyScore((found == test_labels.to(found.device)).double().mean().item(), share)


def _prepare(reference: Reference) -> Measure:
    assert reference.labels is not None
    images, labels = reference.images, reference.labels

    def measure(sample: Sample) -> dict[str, float | None]:
        found = accuracy_score(sample.images, sample.logits, images, labels, reference.seed, reference.classifier_steps)
        return {"accuracy_score": found.accuracy, "confident_share": found.confident_share}

    return measure


MEASUREMENT = Measurement(
    (
        Metric(
            "accuracy_score",
            "accuracy score",
            "higher",
            "natural",
            3,
            "test accuracy of a classifier trained on the images",
            "distance",
        ),
        Metric(
            "confident_share",
            "confident share",
            "higher",
            "natural",
            3,
            "share labelled with probability 0.9 or more",
            "distance",
        ),
    ),
    _prepare,
    of_classes=True,
    rank=4,
)
