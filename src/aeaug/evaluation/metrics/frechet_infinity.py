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
the intercept at N = 500 is off by 2% of the plain FD. Few samples therefore take fewer m.
"""

import numpy as np
import torch
from torch import Tensor

from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference
from aeaug.evaluation.metrics.frechet import frechet_distance
from aeaug.randomness import generator

__all__ = ["MEASUREMENT", "frechet_distance_infinity"]

MAX_BLOCKS = 5
SHUFFLES = 4


def frechet_distance_infinity(
    reference: Tensor, features: Tensor, seed: int = 0, strata: Tensor | None = None
) -> float:
    """FD of the distributions behind ``reference (N, F)`` and ``features (M, F)``, in the unit of the FD.

    It scatters around the truth, a little more than the plain FD around its own mean, and so may be negative.
    With N ≠ M, all samples are used and n is the smaller set's.

    Args:
        reference: features, on the device that does the work.
        features: features to be compared.
        seed: of the shuffles.
        strata: ``(N,)`` int64, the class of each row of a reference that was drawn class by class; None for a random
            sample.

    Raises:
        ValueError: for fewer than 2 (F + 1) samples in either set, values that are not finite, or another F.
    """
    for name, rows in (("reference", reference), ("features", features)):
        if rows.ndim != 2 or len(rows) < 2 * (rows.shape[1] + 1):
            raise ValueError(
                f"{name}: expected shape (N, F) with N >= 2 (F + 1) to extrapolate, got {tuple(rows.shape)}"
            )
    pair = (reference.double(), features.to(reference.device, torch.float64))
    smaller = min(len(reference), len(features))
    inverse_n, distances = [], []
    for m in range(1, min(MAX_BLOCKS, smaller // (reference.shape[1] + 1)) + 1):
        mean = np.mean(
            [
                frechet_distance(first, second)
                for shuffle in range(SHUFFLES if m > 1 else 1)
                for first, second in zip(
                    _blocks(pair[0], m, seed, shuffle, strata), _blocks(pair[1], m, seed, shuffle), strict=True
                )
            ]
        )
        inverse_n.append(1 / (smaller // m))
        distances.append(float(mean))
    return float(np.polynomial.Polynomial.fit(inverse_n, distances, deg=1)(0.0))


def _blocks(rows: Tensor, m: int, seed: int, shuffle: int, strata: Tensor | None = None) -> list[Tensor]:
    """``m`` disjoint blocks of ⌊N/m⌋ of ``rows (N, F)``, at random, or with each stratum dealt out to them in turn."""
    draw = generator(seed, "blocks of the Fréchet distance", m, shuffle)
    order = torch.randperm(len(rows), generator=draw)
    if strata is not None:
        order = order[strata.cpu()[order].argsort(stable=True)]
    order = order[: len(rows) // m * m].to(rows.device)
    return [rows[order[block::m]] for block in range(m)]


def _prepare(reference: Reference) -> Measure:
    strata = reference.labels if reference.balanced else None
    return lambda sample: {
        "frechet_distance_infinity": frechet_distance_infinity(
            reference.features, sample.features, reference.seed, strata
        )
    }


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
    rank=1,
)
