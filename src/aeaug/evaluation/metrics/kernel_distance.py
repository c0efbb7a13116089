r"""Kernel distance: the squared maximum mean discrepancy (MMD) between two sets of features.

.. math::
    \widehat{\mathrm{MMD}}{}^2
        = \frac{1}{N (N-1)} \sum_{i \neq j} k(x_i, x_j) + \frac{1}{M (M-1)} \sum_{i \neq j} k(y_i, y_j)
        - \frac{2}{N M} \sum_{i, j} k(x_i, y_j), \qquad k(x, y) = (x \cdot y / F + 1)^3

(Bińkowski et al. 2018, arXiv:1801.01401; on Inception features called KID). Unlike the Fréchet distance it has no
bias at any N: between samples of one distribution it is 0 on average, so often negative.

The kernel is torchmetrics'; the sums are here. Its KernelInceptionDistance averages random subsets of 1,000, drawn
from the global stream: of 1,000 samples the same number every time, of 10,000 one that scatters more than it has
to. With all pairs in the sums there is nothing to draw, and between samples of one distribution the scatter is a
third of that over ten disjoint blocks. It costs 2 N² F multiplications, about a second for 10,000 samples.
"""

from itertools import combinations, product

import torch
from torch import Tensor

from aeaug.evaluation.features import require_features
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference

__all__ = ["MEASUREMENT", "KernelDistance"]

TILE = 500  # rows and columns of a kernel matrix held at once: 2 MB, which stay in the cache


class KernelDistance:
    """MMD² of any number of sets to one reference, whose own mean kernel is computed once."""

    def __init__(self, reference: Tensor) -> None:
        """``reference``: features ``(N, F)``, N >= 2. Every set is measured on its device."""
        require_features("reference", reference, reference.shape[-1])
        self._reference = reference.double()
        self._mean_kernel = _mean_of_distinct_pairs(self._reference)

    def __call__(self, features: Tensor) -> float:
        """MMD² between the reference and ``features (M, F)``, M >= 2; unbiased, so it may be negative."""
        from torchmetrics.image.kid import poly_kernel

        require_features("features", features, self._reference.shape[1])
        features = features.to(self._reference)
        tiles = product(features.split(TILE), self._reference.split(TILE))
        between = torch.stack([poly_kernel(x, y).sum() for x, y in tiles]).sum()
        mean_between = between / (len(features) * len(self._reference))
        return (self._mean_kernel + _mean_of_distinct_pairs(features) - 2 * mean_between).item()


def _mean_of_distinct_pairs(x: Tensor) -> Tensor:
    """Mean of k(x_i, x_j) over i ≠ j, a scalar."""
    from torchmetrics.image.kid import poly_kernel

    tiles = x.split(TILE)
    within = [poly_kernel(rows, rows).fill_diagonal_(0).sum() for rows in tiles]
    between = [2 * poly_kernel(rows, columns).sum() for rows, columns in combinations(tiles, 2)]  # both triangles
    return torch.stack(within + between).sum() / (len(x) * (len(x) - 1))


def _prepare(reference: Reference) -> Measure:
    # The kernel is made for features of the order of 1: of larger ones it would see the third power alone.
    scale = reference.features.square().mean().sqrt()
    distance = KernelDistance(reference.features / scale)
    return lambda sample: {"kernel_distance": distance(sample.features / scale)}


MEASUREMENT = Measurement(
    (
        Metric(
            "kernel_distance", "KID", "lower", "natural", 4, "kernel distance to the test split, unbiased", "distance"
        ),
    ),
    _prepare,
    rank=2,
)
