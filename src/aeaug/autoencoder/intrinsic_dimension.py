r"""Intrinsic dimension of a set of codes: how many of its dimensions an autoencoder uses (TwoNN, Facco et al. 2017,
Scientific Reports 7, 12140).

Where the density hardly changes between a point's first and second neighbour, at distances :math:`r_1 \le r_2`, the
logarithm of :math:`r_2 / r_1` is exponential with rate d, whatever the density. From N points

.. math:: \hat d = \frac{N - 1}{\sum_i \ln (r_{2,i} / r_{1,i})},

the maximum-likelihood estimate, N over the sum, made unbiased for independent ratios (Denti et al. 2022, Scientific
Reports 12, 20005, arXiv:2104.13832); its standard error is about :math:`\hat d / \sqrt N`. Facco et al. fit a line to
the same ratios instead. It comes out too small where few points fill many dimensions: 5,000 in a cube of 10 give
8.4, in one of 20 give 16.
"""

import torch
from torch import Tensor

from aeaug.one_thread import one_thread

__all__ = ["intrinsic_dimension"]


def intrinsic_dimension(z: Tensor) -> float:
    """TwoNN dimension of the points ``z (N, D)``, in (0, ∞), in float64 on the CPU; the cost is 2 N² D operations.

    Of equal points one is kept: copies would have :math:`r_1 = 0`, and say nothing of the dimension.

    Raises:
        ValueError: for fewer than 3 distinct points, values that are not finite, or points as regular as the corners
            of a square, where both neighbours of every one are equally near.
    """
    if z.ndim != 2 or not bool(z.isfinite().all()):
        raise ValueError(f"z: expected finite points of shape (N, D), got shape {tuple(z.shape)}")
    points = torch.unique(z.detach().cpu().double(), dim=0)
    if len(points) < 3:
        raise ValueError(f"z: the intrinsic dimension needs at least 3 distinct points, got {len(points)} of {len(z)}")
    from sklearn.neighbors import NearestNeighbors  # a second, in every process that trains

    with one_thread():
        search = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(points.numpy())
        # Without an argument: of the points themselves, none its own neighbour.
        indices = torch.from_numpy(search.kneighbors(return_distance=False))
    # From differences: scikit-learn's own distances lose digits where points are close and far from the origin.
    distances = (points[:, None] - points[indices]).norm(dim=2)
    total = (distances.amax(1) / distances.amin(1)).log().sum().item()
    if total == 0:
        raise ValueError(f"z: both nearest neighbours of all {len(points)} points are equally near")
    return float((len(points) - 1) / total)
