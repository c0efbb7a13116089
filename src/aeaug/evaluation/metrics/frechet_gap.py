r"""Fréchet gap: is a set closer to the training images than to fresh ones?

.. math:: \mathrm{gap} = \mathrm{FD}(\text{generated}, \text{train}) - \mathrm{FD}(\text{generated}, \text{test})

FD falls as samples grow, so all three are compared at equal counts; what that bias leaves is then the same in both
terms. About 0 for a fresh sample of the data, negative for a set that follows the training images where they differ
from the distribution they were drawn from: for copies, about minus the FD between train and test.
"""

from torch import Tensor

from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference
from aeaug.evaluation.metrics.frechet import FrechetDistance

__all__ = ["MEASUREMENT", "FrechetGap"]


class FrechetGap:
    """The gap of any number of sets, with the Gaussians of both references fitted once."""

    def __init__(self, train: Tensor, test: Tensor) -> None:
        """``train`` and ``test``: features ``(M, F)``, M >= 2; ``ValueError`` for other or unequal shapes."""
        if train.shape != test.shape:
            raise ValueError(f"test: expected the shape of train, {tuple(train.shape)}, got {tuple(test.shape)}")
        self._train, self._test, self._n = FrechetDistance(train), FrechetDistance(test), len(train)

    def __call__(self, features: Tensor) -> float:
        """The gap of the first M of ``features (K, F)``, in the unit of FD; ``ValueError`` where K < M."""
        if len(features) < self._n:
            raise ValueError(f"features: expected at least {self._n}, as in the training set, got {len(features)}")
        features = features[: self._n]
        return self._train(features) - self._test(features)


def _prepare(reference: Reference) -> Measure:
    assert reference.train is not None
    assert reference.beside is not None
    beside = reference.features[reference.beside]
    gap = FrechetGap(reference.train[: len(beside)], beside)
    return lambda sample: {"frechet_gap": gap(sample.features)}


MEASUREMENT = Measurement(
    (
        Metric(
            "frechet_gap",
            "FD gap",
            "neither",
            "natural",
            2,
            "FD to train minus FD to test; negative: closer to train",
            "copying",
            in_fd=True,
        ),
    ),
    _prepare,
    rank=7,
)
