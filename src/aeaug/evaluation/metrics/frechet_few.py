"""Fréchet distance of few test images to many more generated ones, and the same with a tenth of the former left out.

Equally many generated images would add as much chance again, and metrics that need equal numbers do
(:mod:`aeaug.evaluation.few_images`). The distance is larger than to many test images, by a bias that two generators
share: their difference is about right, their ratio closer to 1 than it would be.
"""

from aeaug.evaluation.few_images import PARTS, part_of
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference, Sample
from aeaug.evaluation.metrics.frechet import FrechetDistance

__all__ = ["MEASUREMENT"]


def _prepare(reference: Reference) -> Measure:
    real, whole = reference.features, FrechetDistance(reference.features)
    parts = part_of(len(real)).to(real.device)
    # At least 2 images are left of any reference that can be measured against.
    without = [FrechetDistance(real[parts != part]) for part in range(PARTS)]

    def measure(sample: Sample) -> dict[str, float | list[float] | None]:
        more = sample.more
        if more is None:
            return {_METRIC.key: None, _METRIC.without_key: None}
        return {_METRIC.key: whole(more), _METRIC.without_key: [distance(more) for distance in without]}

    return measure


_METRIC = Metric(
    "frechet_distance_few",
    "few-image FD",
    "lower",
    "log",
    2,
    "FD of few test images to 2,000 generated ones; its ratios are closer to 1 than those of many test images",
    "distance",
    in_fd=True,
    parts=PARTS,
)

MEASUREMENT = Measurement((_METRIC,), _prepare, everywhere=True, of_few=True, rank=0)
