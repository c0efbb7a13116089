r"""Fréchet distance (FD) between the Gaussians fitted to two sets of features.

.. math::
    \mathrm{FD} = \|\mu_1 - \mu_2\|^2
        + \mathrm{tr}\bigl(\Sigma_1 + \Sigma_2 - 2 (\Sigma_1 \Sigma_2)^{1/2}\bigr)

with unbiased covariances (Dowson & Landau 1982; on network features, Heusel et al. 2017, arXiv:1706.08500).
Between samples of one distribution it is positive and falls as they grow, so it only compares at equal
sample counts. torchmetrics computes it, in float64; it is given features instead of images.
"""

from torch import Tensor, nn

from aeaug.evaluation.features import require_features
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference

__all__ = ["MEASUREMENT", "FrechetDistance", "frechet_distance"]


class _Identity(nn.Identity):
    """Stands where torchmetrics expects a feature extractor, and declares how many features come through."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features


class FrechetDistance:
    """FD of any number of sets to one reference, whose mean and covariance are computed once."""

    def __init__(self, reference: Tensor) -> None:
        """``reference``: features ``(N, F)``, N >= 2. Every set is measured on its device."""
        from torchmetrics.image.fid import FrechetInceptionDistance  # seconds: only when there is something to measure

        require_features("reference", reference, reference.shape[-1])
        # Evaluation runs on one rank; torchmetrics would wait for the others.
        self._metric = FrechetInceptionDistance(
            _Identity(reference.shape[1]), reset_real_features=False, sync_on_compute=False
        ).to(reference.device)
        # FD ignores a common translation; centred features keep the second moments free of cancellation.
        self._centre = reference.double().mean(0)
        self._metric.update(reference.double() - self._centre, real=True)

    def __call__(self, features: Tensor) -> float:
        """FD between the reference and ``features (M, F)``, M >= 2, in [0, ∞)."""
        require_features("features", features, len(self._centre))
        self._metric.reset()
        self._metric.update(features.to(self._centre) - self._centre, real=False)
        # Rounding leaves about ±1e-9 of the features' variance where the distance is zero.
        return max(0.0, self._metric.compute().item())


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """FD between two sets of features, ``(N, F)`` and ``(M, F)``; ``ValueError`` for fewer than 2 samples."""
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
    rank=0,
)
