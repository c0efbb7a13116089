r"""Fréchet distance extrapolated to infinitely many samples.

The Fréchet distance (FD) of two samples of n exceeds that of their distributions by a bias that falls as 1/n, at
a rate that depends on the distributions, so that no count is equal for all generators. Chong & Forsyth (2020,
arXiv:1911.07023) measure it at several n, fit

.. math:: \mathrm{FD}(n) \approx \mathrm{FD}_\infty + c / n

and take the intercept. They vary the generated sample against a fixed reference, whose own bias stays; here both
sets shrink together, n = N/m for m = 1 to 5, so that another sample of the reference's distribution goes to about 0.
At each m the FD is averaged over all m disjoint blocks of both sets, shuffled, and over four shuffles: with a single
one, which samples meet in a block would make half of the variance. The same indices are shuffled in both sets, so
that sets which correspond row by row keep doing so: a set against itself gives 0.

A reference that is class-balanced by construction is no random sample: it is closer to its distribution than one of
its size, while random blocks of it are not, and the intercept comes out too low, on the embedded MNIST by half the FD
of a real sample. Given its ``strata``, its blocks are balanced as it is, and the law holds.

The law needs n above the number of features F: below it a covariance is singular, whatever the distribution.
With n > F it holds well even where it is worst, for features of equal variance: between samples of N(0, I), F = 96,
the intercept at N = 500 is off by 2% of the plain FD. Few samples therefore take fewer m, and of a test set below
2 (F + 1) nothing is extrapolated.
"""

import numpy as np
import torch
from torch import Tensor

from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference
from aeaug.evaluation.metrics.frechet import FrechetDistance
from aeaug.randomness import generator

__all__ = ["MEASUREMENT", "FrechetInfinity", "frechet_distance_infinity", "least_images"]

MAX_BLOCKS = 5
SHUFFLES = 4


class FrechetInfinity:
    """FD at infinitely many samples of any number of sets, with the Gaussians of the reference's blocks fitted once.

    Args:
        reference: features ``(N, F)``, on the device that does the work.
        seed: of the shuffles.
        strata: ``(N,)`` int64, the class of each row of a reference that was drawn class by class; None for a random
            sample.

    Raises:
        ValueError: for fewer than 2 (F + 1) samples, or values that are not finite.
    """

    def __init__(self, reference: Tensor, seed: int = 0, strata: Tensor | None = None) -> None:
        _require_enough("reference", reference)
        self._reference, self._seed, self._strata = reference.double(), seed, strata
        self._fitted: dict[tuple[int, int], list[FrechetDistance]] = {}

    def __call__(self, features: Tensor) -> float:
        """The FD of the distributions behind the reference and ``features (M, F)``, in its unit.

        It scatters around the truth, a little more than the plain FD around its own mean, and so may be negative.
        With N ≠ M, all samples are used and n is the smaller set's.

        Raises ``ValueError`` for fewer than 2 (F + 1) samples, values that are not finite, or another F.
        """
        _require_enough("features", features)
        features = features.to(self._reference)
        smaller = min(len(self._reference), len(features))
        inverse_n, distances = [], []
        for m in range(1, min(MAX_BLOCKS, smaller // (self._reference.shape[1] + 1)) + 1):
            found = [
                distance(block)
                for shuffle in range(SHUFFLES if m > 1 else 1)
                for distance, block in zip(
                    self._blocks(m, shuffle), _blocks(features, m, self._seed, shuffle), strict=True
                )
            ]
            inverse_n.append(1 / (smaller // m))
            distances.append(float(np.mean(found)))
        return float(np.polynomial.Polynomial.fit(inverse_n, distances, deg=1)(0.0))

    def _blocks(self, m: int, shuffle: int) -> list[FrechetDistance]:
        """Of the reference, what measures a set against each."""
        if (m, shuffle) not in self._fitted:
            blocks = _blocks(self._reference, m, self._seed, shuffle, self._strata)
            self._fitted[m, shuffle] = [FrechetDistance(block) for block in blocks]
        return self._fitted[m, shuffle]


def least_images(features: int) -> int:
    """How many images FD is extrapolated from, at least: halves of them have to fit a Gaussian of so many features."""
    return 2 * (features + 1)


def _require_enough(name: str, rows: Tensor) -> None:
    if rows.ndim != 2 or len(rows) < least_images(rows.shape[1]):
        raise ValueError(f"{name}: expected shape (N, F) with N >= 2 (F + 1) to extrapolate, got {tuple(rows.shape)}")


def frechet_distance_infinity(
    reference: Tensor, features: Tensor, seed: int = 0, strata: Tensor | None = None
) -> float:
    """:class:`FrechetInfinity` of one set."""
    return FrechetInfinity(reference, seed, strata)(features)


def _blocks(rows: Tensor, m: int, seed: int, shuffle: int, strata: Tensor | None = None) -> list[Tensor]:
    """``m`` disjoint blocks of ⌊N/m⌋ of ``rows (N, F)``, at random, or with each stratum dealt out to them in turn."""
    draw = generator(seed, "blocks of the Fréchet distance", m, shuffle)
    order = torch.randperm(len(rows), generator=draw)
    if strata is not None:
        order = order[strata.cpu()[order].argsort(stable=True)]
    order = order[: len(rows) // m * m].to(rows.device)
    return [rows[order[block::m]] for block in range(m)]


def _prepare(reference: Reference) -> Measure:
    if len(reference.features) < least_images(reference.features.shape[1]):
        return lambda sample: {"frechet_distance_infinity": None}
    strata = reference.labels if reference.balanced else None
    distance = FrechetInfinity(reference.features, reference.seed, strata)
    return lambda sample: {"frechet_distance_infinity": distance(sample.features)}


MEASUREMENT = Measurement(
    (
        Metric(
            "frechet_distance_infinity",
            "FD∞",
            "lower",
            "natural",
            2,
            "FD extrapolated to infinitely many samples",
            "distance",
            in_fd=True,
        ),
    ),
    _prepare,
    pairs_of_gaussians=True,
    rank=1,
)
