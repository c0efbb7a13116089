r"""Kernel distance: the squared maximum mean discrepancy (MMD) between two sets of features.

.. math::
    \widehat{\mathrm{MMD}}{}^2
        = \frac{1}{N (N-1)} \sum_{i \neq j} k(x_i, x_j) + \frac{1}{M (M-1)} \sum_{i \neq j} k(y_i, y_j)
        - \frac{2}{N M} \sum_{i, j} k(x_i, y_j), \qquad k(x, y) = (x \cdot y / F + 1)^3

(Bińkowski et al. 2018, arXiv:1801.01401; on Inception features called KID). Unlike the Fréchet distance it has no
bias at any N: between samples of one distribution it is 0 on average, so often negative.

The kernel is made for features of the order of 1. As a metric it is of features divided by the root mean square of the
reference's, so that their unit does not matter; :class:`KernelDistance` takes features as they are.

torchmetrics' KernelInceptionDistance averages random subsets of 1,000, drawn from the global stream: of 1,000 samples
the same number every time, of 10,000 one that scatters more than it has to. Here all pairs are in the sums, and there
is nothing to draw: between samples of one distribution the scatter is a third of that over ten disjoint blocks.

No pair has to be looked at for that. The kernel is an inner product of moments,

.. math::
    k(x, y) = 1 + \tfrac3F \langle x, y \rangle + \tfrac{3}{F^2} \langle x \otimes x, y \otimes y \rangle
        + \tfrac{1}{F^3} \langle x \otimes x \otimes x, y \otimes y \otimes y \rangle,

so a sum over pairs is that of the sets' summed moments. The third ones are symmetric: of their F³ entries those with
the smallest index first are computed, N F³ / 3 multiplications a set; over pairs they were 1.5 N² F. Of more than 288
features, as large nets of others have them, third moments would cost more, and fill the memory at last: pairs are
summed after all, tile by tile.
"""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.evaluation.features import require_features
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference

__all__ = ["MEASUREMENT", "KernelDistance", "moments"]

TILE = 500  # samples whose products are held at once: 0.4 MB of 96 features, which stay in the cache
MOST_FEATURES = 288  # of which third moments are summed, in 64 MB: as many as the package's nets have of stacked images


class _Sums(NamedTuple):
    """Of a set: number of samples, their summed moments, and the sum of k(x, x)."""

    n: int
    moments: Tensor
    own: Tensor


class KernelDistance:
    """MMD² of any number of sets to one reference, whose moments are computed once; of features as they are given,
    which nothing is divided by."""

    def __init__(self, reference: Tensor, summed: Tensor | None = None) -> None:
        """``reference``: features ``(N, F)``, N >= 2. Every set is measured on its device. Raises ``ValueError`` for
        another shape, or where some are not finite.

        ``summed``: its :func:`moments`, where they are known already.
        """
        require_features("reference", reference, reference.shape[-1])
        self._rows = reference.double() if reference.shape[1] > MOST_FEATURES else None
        if self._rows is not None:
            self._within = _within(self._rows)
        else:
            self._reference = _sums(reference.double(), summed)
        self._features, self._as = reference.shape[1], reference.new_empty(0, dtype=torch.float64)

    def __call__(self, features: Tensor) -> float:
        """MMD² between the reference and ``features (M, F)``, M >= 2; unbiased, so it may be negative. Raises
        ``ValueError`` for another shape, or where some are not finite."""
        require_features("features", features, self._features)
        if self._rows is not None:
            rows = features.to(self._as)
            between = _kernels(self._rows, rows) / (len(self._rows) * len(rows))
            return float(self._within + _within(rows) - 2 * between)
        x, y = self._reference, _sums(features.to(self._as))
        weights = _weights(self._features, y.moments.device)
        within = sum(((weights * one.moments**2).sum() - one.own) / (one.n * (one.n - 1)) for one in (x, y))
        between = (weights * x.moments * y.moments).sum() / (x.n * y.n)
        return float(within - 2 * between)


def _kernels(x: Tensor, y: Tensor) -> Tensor:
    """The sum of k over all pairs of a row of ``x (N, F)`` and one of ``y (M, F)``."""
    parts = [((rows @ y.T / x.shape[1] + 1) ** 3).sum() for rows in x.split(TILE)]
    return torch.stack(parts).sum()


def _within(x: Tensor) -> Tensor:
    """The mean of k over the pairs of two rows of ``x (N, F)``."""
    own = (((x**2).sum(1) / x.shape[1] + 1) ** 3).sum()
    return (_kernels(x, x) - own) / (len(x) * (len(x) - 1))


def moments(features: Tensor) -> Tensor:
    """Sums over ``features (N, F)``, float64, of 1 (that is N), :math:`x`, :math:`x \\otimes x`, and the entries
    :math:`x_a x_b x_c` with a ≤ b, c of the third moment: one vector, on the device of ``features``."""
    f = features.shape[1]
    third = [features.new_zeros(f - a, f - a) for a in range(f)]
    for rows in features.split(TILE):
        columns = rows.T.contiguous()
        for a, block in enumerate(third):
            block.addmm_(columns[a:] * columns[a], columns[a:].T)
    parts = [features.new_full((1,), len(features)), features.sum(0), features.T @ features, *third]
    return torch.cat([part.flatten() for part in parts])


@cache
def _weights(f: int, device: torch.device) -> Tensor:
    """How often each entry of :func:`moments` stands in the kernel, times its factor there."""
    third = []
    for a in range(f):
        # In order (a, b, c), (b, a, c) and (b, c, a) are one entry, and with a = b only two of its three places differ.
        block = torch.full((f - a, f - a), 3.0, dtype=torch.float64, device=device)
        block[0, :] = block[:, 0] = 1.5
        block[0, 0] = 1
        third.append(block.flatten() / f**3)
    lower = [((1,), 1.0), ((f,), 3 / f), ((f**2,), 3 / f**2)]
    factors = [torch.full(size, factor, dtype=torch.float64, device=device) for size, factor in lower]
    return torch.cat([*factors, *third])


def _sums(features: Tensor, summed: Tensor | None = None) -> _Sums:
    squares = (features**2).sum(1) / features.shape[1]
    return _Sums(len(features), moments(features) if summed is None else summed, ((squares + 1) ** 3).sum())


def _prepare(reference: Reference) -> Measure:
    # Of features much larger than 1 the kernel would see the third power alone.
    scale = reference.features.square().mean().sqrt()
    scaled = reference.features / scale
    summed = reference.keep("moments", moments, scaled) if scaled.shape[1] <= MOST_FEATURES else None
    distance = KernelDistance(scaled, summed)
    return lambda sample: {"kernel_distance": distance(sample.features / scale)}


MEASUREMENT = Measurement(
    (
        Metric(
            "kernel_distance", "KID", "lower", "natural", 4, "kernel distance to the test split, unbiased", "distance"
        ),
    ),
    _prepare,
    everywhere=True,
    rank=2,
)
