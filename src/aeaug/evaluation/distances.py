"""Euclidean distances between sets of features, in float64 and in chunks that bound memory.

Distances between all pairs come from one matrix product, ‖a‖² + ‖b‖² − 2ab, several times faster than ``torch.cdist``
without it. Cancellation costs about 1e-16 of the squared norms: nothing in float64, too much in float32 or TF32.
"""

import torch
from torch import Tensor

__all__ = ["CHUNK", "nearest", "squared_distances"]

CHUNK = 250  # rows of a distance matrix held at once: 20 MB against 10,000 columns


def squared_distances(rows: Tensor, columns: Tensor) -> Tensor:
    """Between ``rows (R, F)`` and ``columns (C, F)``, both float64: ``(R, C)``; by rounding, zero may be ±1e-16 of the
    squared norms."""
    squares = (columns**2).sum(1)
    products = torch.addmm(squares.expand(len(rows), -1), rows, columns.T, alpha=-2)
    return products.add_((rows**2).sum(1, keepdim=True))


def nearest(queries: Tensor, references: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The ``k`` references nearest to each query, nearest first.

    Neighbours are found by matrix products, their distances taken from the differences: that of a copy is exactly 0,
    and a query that is itself among the references has itself (or a copy of it) in the first column.

    Args:
        queries: ``(Q, F)``; Q may be 0.
        references: ``(R, F)``.
        k: 1 <= k <= R.

    Returns:
        Squared distances ``(Q, k)`` float64 in [0, ∞), and indices ``(Q, k)`` int64 into ``references``.

    Raises:
        ValueError: for another k, other shapes, or values that are not finite.
    """
    if queries.ndim != 2 or references.ndim != 2 or queries.shape[1] != references.shape[1]:
        raise ValueError(
            "features: expected shapes (Q, F) and (R, F) with one F, "
            f"got {tuple(queries.shape)} and {tuple(references.shape)}"
        )
    if not 1 <= k <= len(references):
        raise ValueError(f"k: expected 1 <= k <= {len(references)} references, got {k}")
    if not bool(queries.isfinite().all() and references.isfinite().all()):
        raise ValueError("features: some are not finite")
    references = references.double()
    parts = [_nearest(rows, references, k) for rows in torch.split(queries.double(), CHUNK)]
    distances, indices = zip(*parts, strict=True)
    return torch.cat(distances), torch.cat(indices)


def _nearest(rows: Tensor, references: Tensor, k: int) -> tuple[Tensor, Tensor]:
    indices = squared_distances(rows, references).topk(k, largest=False).indices
    exact = (rows[:, None] - references[indices]).square().sum(2)
    # Rounding of the products may have swapped near ties.
    distances, order = exact.sort(dim=1, stable=True)
    return distances, indices.gather(1, order)
