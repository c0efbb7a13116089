r"""Fréchet distance (FD) between the Gaussians fitted to two sets of features.

.. math::
    \mathrm{FD} = \|\mu_1 - \mu_2\|^2
        + \mathrm{tr}\bigl(\Sigma_1 + \Sigma_2 - 2 (\Sigma_1 \Sigma_2)^{1/2}\bigr)

with unbiased covariances (Dowson & Landau 1982; on network features, Heusel et al. 2017, arXiv:1706.08500).
Between samples of one distribution it is positive and falls as they grow, so it only compares at equal
sample counts. With :math:`\Sigma_i = R_i R_i^\top`, the trace of the root is the sum of the singular values of
:math:`R_1^\top R_2`: nothing is squared on the way, which would cost half of the digits of the smallest ones.
"""

import torch
from torch import Tensor

from aeaug.evaluation.features import require_features
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference

__all__ = ["MEASUREMENT", "FrechetDistance", "frechet_distance"]


class FrechetDistance:
    """FD of any number of sets to one reference, whose Gaussian is fitted once."""

    def __init__(self, reference: Tensor) -> None:
        """``reference``: features ``(N, F)``, N >= 2. Every set is measured on its device. Raises ``ValueError`` for
        another shape, or where some are not finite."""
        require_features("reference", reference, reference.shape[-1])
        self._mean, self._root, self._trace = _gaussian(reference.double())

    def __call__(self, features: Tensor) -> float:
        """FD between the reference and ``features (M, F)``, M >= 2, in [0, ∞). Raises ``ValueError`` for another shape,
        or where some are not finite."""
        require_features("features", features, len(self._mean))
        mean, root, trace = _gaussian(features.to(self._mean))
        singular = torch.linalg.svdvals(self._root.T @ root)
        distance = (mean - self._mean).square().sum() + self._trace + trace - 2 * singular.sum()
        # Rounding leaves about ±1e-9 of the features' variance where the distance is zero.
        return max(0.0, float(distance))


def _gaussian(features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of ``features (N, F)``, float64: mean ``(F,)``, a root R ``(F, F)`` of their unbiased covariance R Rᵀ, and its
    trace."""
    mean = features.mean(0)
    centred = features - mean
    covariance = centred.T @ centred / (len(features) - 1)
    values, vectors = torch.linalg.eigh(covariance)
    return mean, vectors * values.clamp(min=0).sqrt(), covariance.trace()


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """FD between two sets of features, ``(N, F)`` and ``(M, F)``; ``ValueError`` for fewer than 2 samples,
    features of different numbers, or some that are not finite."""
    return FrechetDistance(first)(second)


def _prepare(reference: Reference) -> Measure:
    distance = FrechetDistance(reference.features)
    return lambda sample: {"frechet_distance": distance(sample.features)}


MEASUREMENT = Measurement(
    (
        Metric(
            "frechet_distance", "FD", "lower", "log", 2, "Fréchet distance to the test split", "distance", in_fd=True
        ),
    ),
    _prepare,
    over_training=True,
    everywhere=True,
    rank=0,
)
