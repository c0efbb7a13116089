r"""Classifier score: are single images clear, and all of them together various?

.. math:: \exp \mathbb{E}_x \, \mathrm{KL}\bigl(p(y|x) \,\|\, p(y)\bigr), \qquad p(y) = \mathbb{E}_x \, p(y|x)

(Salimans et al. 2016, arXiv:1606.03498), with the classes of the feature net; on those of Inception it is called the
Inception score. From 1, where all images have the same class probabilities, to the number of classes, where each is
sure and all are equally frequent. It never looks at real images: one perfect image of each class repeated for ever
has the best score.

torchmetrics computes it, over all images at once: the usual mean over ten splits lowers it, and the more the fewer
images there are (Barratt & Sharma 2018, arXiv:1801.01973).
"""

import warnings

from torch import Tensor, nn

from aeaug.evaluation.metric import Measurement, Metric
from aeaug.randomness import seeded_init

__all__ = ["MEASUREMENT", "classifier_score"]

LEAST_LOG_PROBABILITY = -700.0  # float64 has no positive number below exp(-745)


def classifier_score(logits: Tensor) -> float:
    """Classifier score of ``logits (N, C)``, N >= 1; in [1, C]. Higher is better.

    Raises ``ValueError`` for another shape, no images, or logits that are not finite.
    """
    from torchmetrics.image.inception import InceptionScore

    if logits.ndim != 2 or logits.numel() == 0:
        raise ValueError(f"logits: expected shape (N, C) with N >= 1, got {tuple(logits.shape)}")
    if not bool(logits.isfinite().all()):
        raise ValueError("logits: some are not finite")
    # A class that no image has any probability of would turn torchmetrics' score into 0 · log(0 / 0).
    log_probabilities = logits.double().log_softmax(1).clamp(min=LEAST_LOG_PROBABILITY)
    with seeded_init(0, "classifier score"), warnings.catch_warnings():  # it shuffles for its splits
        warnings.filterwarnings("ignore", "Metric `InceptionScore` will save all extracted features")
        warnings.filterwarnings("ignore", r"std\(\): degrees of freedom is <= 0")  # of a single split
        metric = InceptionScore(nn.Identity(), splits=1, sync_on_compute=False).to(logits.device)
        metric.update(log_probabilities)
        score, _ = metric.compute()
    return min(max(score.item(), 1.0), float(logits.shape[1]))  # rounding leaves the interval by 1e-15


MEASUREMENT = Measurement(
    (
        Metric(
            "classifier_score",
            "classifier score",
            "higher",
            "natural",
            2,
            "exp E KL(p(y|x) ‖ p(y)) of the feature net, 1 to the number of classes",
            "distance",
        ),
    ),
    lambda reference: lambda sample: {"classifier_score": classifier_score(sample.logits)},
    of_classes=True,
    rank=3,
)
