r"""Euclidean distances between sets of features: exact in float64, found in float32, in chunks that bound memory.

Distances between all pairs come from one matrix product, ‖a‖² + ‖b‖² − 2ab, several times faster than ``torch.cdist``
without it. In float32 it takes half the time of float64, and of ‖a − b‖² it is off by at most

.. math:: (F + 16)\, 2^{-24} (\|a\|^2 + \|b\|^2)

(inner products of F terms: Higham 2002, *Accuracy and Stability of Numerical Algorithms*, section 3.1; the rest for
conversions and sums). So it tells which pairs may matter; the distances of those few are then taken from their
differences in float64, and that of a copy is exactly 0. Common translations change nothing, so features are centred.
"""

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["CHUNK", "Balls", "balls", "nearest", "squared_distances"]

CHUNK = 250  # rows of a distance matrix held at once: 20 MB against 10,000 columns
SPARE = 4  # neighbours more than are asked for, so that the true ones are hardly ever missed
PAIRS = 65_536  # whose differences are held at once: 50 MB of 96 features


def squared_distances(rows: Tensor, columns: Tensor) -> Tensor:
    """Between ``rows (R, F)`` and ``columns (C, F)``, of one type: ``(R, C)``; by rounding, zero may be ±1e-16 (in
    float32 ±1e-7) of the squared norms."""
    squares = (columns**2).sum(1)
    products = torch.addmm(squares.expand(len(rows), -1), rows, columns.T, alpha=-2)
    return products.add_((rows**2).sum(1, keepdim=True))


def nearest(queries: Tensor, references: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The ``k`` references nearest to each query, nearest first.

    The distance of a copy is exactly 0, and a query that is itself among the references has itself (or a copy of it) in
    the first column.

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
    among, rough = references.double(), _Rough(references.double())
    parts = [_nearest(rows, among, rough, k) for rows in torch.split(queries.double(), CHUNK)]
    distances, indices = zip(*parts, strict=True)
    return torch.cat(distances), torch.cat(indices)


class Balls(NamedTuple):
    """Who lies in whose ball; see :func:`balls`."""

    rows: Tensor
    columns: Tensor
    squared: Tensor
    covered: Tensor


def balls(rows: Tensor, row_radii: Tensor, columns: Tensor, column_radii: Tensor) -> Balls:
    """Which of ``columns (C, F)`` lie in balls around ``rows (R, F)``, and which rows in balls around columns; float64.

    ``row_radii (R,)`` and ``column_radii (C,)`` are squared.

    Returns:
        Every pair (row, column) with a squared distance of at most the row's radius, as indices ``rows (P,)`` and
        ``columns (P,)``, int64, rows ascending, and ``squared (P,)`` float64. ``covered (R,)``: whether the row lies in
        some column's open ball.
    """
    rough = _Rough(columns)
    found, covered = [], []
    for start in range(0, len(rows), CHUNK):
        part, radii = rows[start : start + CHUNK], row_radii[start : start + CHUNK]
        distances, slack = rough(part)
        near = (distances <= (radii[:, None] + slack).to(distances)).nonzero()
        squared = _exact(part, columns, near)
        inside = squared <= radii[near[:, 0]]
        found.append((near[inside, 0] + start, near[inside, 1], squared[inside]))
        depth = (distances - column_radii.to(distances)).amin(1)
        deep = depth < -2 * slack[:, 0]
        for row in (~deep & (depth <= 2 * slack[:, 0])).nonzero()[:, 0].tolist():
            near = (distances[row] - column_radii.to(distances) <= 2 * slack[row, 0]).nonzero()[:, 0]
            deep[row] = bool(((part[row] - columns[near]).square().sum(1) < column_radii[near]).any())
        covered.append(deep)
    of_rows, of_columns, squared = (torch.cat(one) for one in zip(*found, strict=True))
    return Balls(of_rows, of_columns, squared, torch.cat(covered))


class _Rough:
    """Squared distances to ``columns (C, F)``, float64, in float32 where that is what it says it is."""

    def __init__(self, columns: Tensor) -> None:
        self._centre = columns.mean(0)
        exact = columns.device.type != "cpu" or torch.get_float32_matmul_precision() != "highest"
        self._type = torch.float64 if exact else torch.float32
        self._unit = 2.0 ** (-52 if exact else -24) * (columns.shape[1] + 16)
        centred = columns - self._centre
        self._largest = centred.square().sum(1).max()
        self._columns = centred.to(self._type)

    def __call__(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Of ``rows (R, F)``, float64: distances ``(R, C)``, and by how much those of each row may be off,
        ``(R, 1)`` float64."""
        centred = rows - self._centre
        slack = self._unit * (centred.square().sum(1, keepdim=True) + self._largest)
        return squared_distances(centred.to(self._type), self._columns), slack


def _nearest(rows: Tensor, references: Tensor, rough: _Rough, k: int) -> tuple[Tensor, Tensor]:
    distances, slack = rough(rows)
    found = distances.topk(min(k + SPARE, len(references)), largest=False, sorted=True)
    squared, order = _sorted(rows, references, found.indices, k)
    if found.indices.shape[1] < len(references):
        # Whatever was left out is at least as far as the last one found, but for rounding.
        for row in (squared[:, -1] > found.values[:, -1].double() - slack[:, 0]).nonzero()[:, 0].tolist():
            near = (distances[row] <= (squared[row, -1] + slack[row]).to(distances)).nonzero()[:, 0]
            squared[row], order[row] = (one[0] for one in _sorted(rows[row, None], references, near[None], k))
    return squared, order


def _sorted(rows: Tensor, references: Tensor, indices: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The nearest k of the references ``indices (R, N)`` to each of ``rows (R, F)``, of equal ones the first."""
    indices = indices.sort(1).values
    exact = (rows[:, None] - references[indices]).square().sum(2)
    distances, order = exact.sort(dim=1, stable=True)
    return distances[:, :k], indices.gather(1, order[:, :k])


def _exact(rows: Tensor, columns: Tensor, pairs: Tensor) -> Tensor:
    """Squared distances ``(P,)`` of ``pairs (P, 2)`` of indices."""
    parts = [(rows[part[:, 0]] - columns[part[:, 1]]).square().sum(1) for part in pairs.split(PAIRS)]
    return torch.cat(parts) if parts else rows.new_empty(0)
