r"""Clipped Density and Clipped Coverage: density and coverage that read as a share of good images (Salvy, Talbot &
Thirion 2026, arXiv:2507.01761).

For real samples :math:`x_i`, i = 1 … N, generated ones :math:`y_j`, j = 1 … M, with :math:`R(x_i)` the distance of
:math:`x_i` to its k-th nearest other real sample (k = 5) and :math:`\tilde R(x_i)` the smaller of it and the median of
all radii, so that no outlier has a large ball,

.. math::
    d(y) &= \min\Bigl(1, \tfrac1k \textstyle\sum_i 1[\, \|y - x_i\| \le \tilde R(x_i) \,]\Bigr), \qquad
    \text{Clipped Density} = \min\Bigl(1,
        \frac{\frac1M \sum_j d(y_j)}{\frac1N \sum_l d_{-l}(x_l)}\Bigr) \\
    c &= \tfrac1N \textstyle\sum_i \min\Bigl(1, \tfrac1k \sum_j 1[\, \|y_j - x_i\| < R(x_i) \,]\Bigr), \qquad
    \text{Clipped Coverage} = \min\bigl(1, f^{-1}(c) / M\bigr)

where :math:`d_{-l}` leaves a real sample's own ball out. A crowd in one ball makes up for no images elsewhere: no image
counts more than 1, and no ball.

The calibration f(m) is what c is on average when m of the images are another sample of the real distribution and the
others lie nowhere near. How many of m fall into a ball that holds k of N - 1 others follows the beta-binomial
distribution with parameters k and N - k, whatever the distribution of the data, so

.. math::
    f(m) = 1 - \tfrac1k \sum_{j<k} (k - j)\, p_j(m), \qquad
    p_0(m) = \prod_{i=1}^{k} \frac{N - i}{N + m - i}, \qquad
    \frac{p_{j+1}(m)}{p_j(m)} = \frac{(m - j)(k + j)}{(j + 1)(N - k + m - j - 1)}.

So both are about 1 for another real sample, and fall by the share of images that are replaced by bad ones. The caps at
1 are the authors': of sets that are as good as a real sample, about half read exactly 1.

Beside the authors' code, f is here the exact sum for m < k too, where theirs is 0, and is inverted by linear
interpolation, where theirs looks up the next m: together less than (k + 1) / M.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.evaluation.distances import Balls, balls, nearest
from aeaug.evaluation.features import require_features
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference, Sample
from aeaug.evaluation.metrics.prdc import K_DENSITY as K
from aeaug.evaluation.metrics.prdc import reference_balls, reference_radii

__all__ = ["MEASUREMENT", "ClippedDensityCoverage", "ClippedScores", "expected_coverage"]


class ClippedScores(NamedTuple):
    """Clipped ``density`` and clipped ``coverage``, both in [0, 1], higher for better sets."""

    density: float
    coverage: float


class ClippedDensityCoverage:
    """Both scores of any number of sets, with the balls of the real samples computed once.

    The balls cost 2 N² F operations for N real samples, every set 2 N M F.
    """

    def __init__(self, real: Tensor, k: int = K, known: Tensor | None = None) -> None:
        """``real``: features ``(N, F)``; ``ValueError`` unless 1 <= k < N, and for values that are not finite.

        ``known``: what :func:`others` makes of them, where it is known already.
        """
        if not 1 <= k < len(real):
            raise ValueError(f"k: expected 1 <= k < {len(real)} real samples, got {k}")
        require_features("real", real, real.shape[-1])
        self._real, self._k = real.double(), k
        squared, neighbours = others(self._real, k) if known is None else known
        distances, self._squared_radii = squared.sqrt(), squared[:, -1]
        radii = distances[:, -1]
        clipped = radii.clamp(max=radii.quantile(0.5))
        self._squared_clipped = clipped**2
        # Every real sample's own neighbours tell whose balls it lies in.
        inside = neighbours[distances <= clipped[:, None]].long()
        self._mean_real = _clipped_mean(inside.bincount(minlength=len(real)), k)
        self._expected = torch.empty(0, dtype=torch.float64)

    def __call__(self, generated: Tensor, found: Balls | None = None) -> ClippedScores:
        """Scores of ``generated (M, F)``, M >= 2; ``ValueError`` for other shapes or values that are not finite.

        ``found``: who of them lies in whose ball, unclipped, where it is known already.
        """
        require_features("generated", generated, self._real.shape[1])
        if found is None:
            generated = generated.to(self._real)
            found = balls(self._real, self._squared_radii, generated, generated.new_zeros(len(generated)))
        lies_in = found.columns[found.squared <= self._squared_clipped[found.rows]].bincount(minlength=len(generated))
        holds = found.rows[found.squared < self._squared_radii[found.rows]].bincount(minlength=len(self._real))
        return ClippedScores(
            density=min(1.0, _clipped_mean(lies_in, self._k) / self._mean_real),
            coverage=self._calibrated(_clipped_mean(holds, self._k), len(generated)),
        )

    def _calibrated(self, coverage: float, m: int) -> float:
        """Share of m images that would have to be good for a mean ``coverage`` of the balls, in [0, 1]."""
        if len(self._expected) != m + 1:
            self._expected = expected_coverage(len(self._real), m, self._k)
        above = int(torch.searchsorted(self._expected, coverage, right=True))
        if above > m:
            return 1.0
        low, high = self._expected[above - 1 : above + 1].tolist()
        return float((above - 1 + (coverage - low) / (high - low)) / m)


def expected_coverage(n: int, m: int, k: int = K) -> Tensor:
    """Mean filling of a real sample's ball by 0, 1, …, m others of its distribution: f, ``(m + 1,)`` float64.

    ``n``: real samples, more than k >= 1. Increases strictly from 0, and is below 1.
    """
    good = torch.arange(m + 1, dtype=torch.float64)
    probability = torch.ones_like(good)  # that j of them fall into it
    for i in range(1, k + 1):
        probability *= (n - i) / (n + good - i)
    missing = k * probability
    for j in range(k - 1):
        # Where the denominator is below 1, m ≤ j: the probability is 0 already, or is made so.
        probability *= (good - j) * (k + j) / ((j + 1) * (n - k + good - j - 1).clamp(min=1))
        missing += (k - j - 1) * probability
    missing[0] = k  # but for rounding, which would leave 0 below the table
    return 1 - missing / k


def others(features: Tensor, k: int = K) -> Tensor:
    """Squared distances of ``features (N, F)`` to their k nearest others, ascending, and who these are: ``(2, N, k)``
    float64."""
    squared, indices = nearest(features, features, k + 1)
    own = indices == torch.arange(len(features), device=features.device)[:, None]
    own[:, -1] |= ~own.any(1)  # one that has more than k copies
    return torch.stack([squared[~own].view(-1, k), indices[~own].view(-1, k).double()])


def _clipped_mean(counts: Tensor, k: int) -> float:
    """Mean of min(count / k, 1)."""
    return int(counts.clamp(max=k).sum()) / (k * len(counts))


def _prepare(reference: Reference) -> Measure:
    features, radii = reference.features, reference_radii(reference)
    scores = ClippedDensityCoverage(features, K, reference.keep(f"nearest others, k = {K}", others, features))

    def measure(sample: Sample) -> dict[str, float]:
        density, coverage = scores(sample.features, reference_balls(reference, radii, sample))
        return {"clipped_density": density, "clipped_coverage": coverage}

    return measure


MEASUREMENT = Measurement(
    (
        Metric(
            "clipped_density",
            "Clipped Density",
            "higher",
            "natural",
            3,
            "density as a share of good images; outliers count no more than others (k = 5)",
            "fidelity",
        ),
        Metric(
            "clipped_coverage",
            "Clipped Coverage",
            "higher",
            "natural",
            3,
            "share of good images that would cover real ones as well (k = 5)",
            "diversity",
        ),
    ),
    _prepare,
    rank=6,
)
