r""":math:`C_T`: do generated images lie closer to the training images than unseen real ones do? (Meehan, Chaudhuri &
Dasgupta 2020, arXiv:2004.05675.)

Training images T are split into cells by k-means, and every image belongs to the cell of the nearest centre. Within a
cell c, with distances to its nearest training image, the n of the test sample :math:`P` and the m of the generated
:math:`Q` are ranked together:

.. math::
    U_c = \#\{(q, p) : d_c(q) > d_c(p)\}, \qquad
    z_c = \frac{U_c - mn/2}{\sqrt{mn(m + n + 1)/12}}, \qquad
    C_T = \frac{\sum_c P(c)\, z_c}{\sum_c P(c)}

over the cells that hold at least 20 test and 20 generated images. Negative: generated images lie closer, copying.
Positive: they lie farther, underfitting. A fresh sample of the data has mean 0 and, with K cells of one size, standard
deviation :math:`1/\sqrt K`, each :math:`z_c` being about N(0, 1). Of a set that differs, it grows as the square root of
the sample size: it only compares at equal counts.

Ties count one half in :math:`U_c`. The variance is the one without ties, which is a little larger than theirs: with
many equal distances :math:`|z_c|` errs to the small side. No continuity correction, so that exchanging P and Q changes
the sign and nothing else (the authors' code adds 1/2 to :math:`U_c`, less than 0.01 of :math:`z_c` at m = n = 100).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.evaluation.distances import nearest
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference, Sample
from aeaug.one_thread import one_thread
from aeaug.randomness import derive_seed

__all__ = ["MEASUREMENT", "SMALLEST_SAMPLE", "CopyingScore", "DataCopying"]

SMALLEST_SAMPLE = 20  # test images and generated images that a cell must hold: below, z is not about Gaussian
ITERATIONS = 20  # of Lloyd's algorithm; the cells need not be optimal


class CopyingScore(NamedTuple):
    """``value``: :math:`C_T`, None where no cell holds enough images; ``cells``: how many do."""

    value: float | None
    cells: int


class DataCopying:
    """:math:`C_T` of any number of sets, with cells and distances of the test sample computed once.

    Args:
        train: features ``(N, F)``.
        test: features ``(n, F)`` of real images that no model was trained on.
        seed: of the k-means.
        cells: how many; no more than there are distinct training images.

    Raises:
        ValueError: for ``cells`` or N below 1, other shapes, or values that are not finite.
    """

    def __init__(self, train: Tensor, test: Tensor, seed: int = 0, cells: int = 10) -> None:
        if cells < 1:
            raise ValueError(f"cells: expected at least 1, got {cells}")
        if train.ndim != 2 or len(train) < 1 or not bool(train.isfinite().all()):
            raise ValueError(f"train: expected finite features (N, F) with N >= 1, got shape {tuple(train.shape)}")
        from scipy.cluster.vq import kmeans2  # a second, with scipy.stats: only when there is something to measure

        train, test = train.double(), test.double()
        cells = min(cells, len(torch.unique(train, dim=0)))
        rng = derive_seed(seed, "data copying cells")
        with one_thread():
            centres, _ = kmeans2(train.cpu().numpy(), cells, iter=ITERATIONS, minit="++", rng=rng)
        self._centres = torch.from_numpy(centres).to(train)
        train_cells, test_cells = self._cells(train), self._cells(test)
        self._train = [train[train_cells == cell] for cell in range(cells)]
        self._test = [self._distances(test[test_cells == cell], cell) for cell in range(cells)]

    def __call__(self, features: Tensor) -> CopyingScore:
        """C_T of ``features (m, F)``; ``ValueError`` for other shapes or values that are not finite."""
        own = self._cells(features)
        weights, scores = [], []
        for cell, test in enumerate(self._test):
            generated = self._distances(features[own == cell], cell)
            if min(len(test), len(generated)) >= SMALLEST_SAMPLE:
                weights.append(len(test))
                scores.append(_z(generated, test))
        if not scores:
            return CopyingScore(None, 0)
        value = math.fsum(weight * z for weight, z in zip(weights, scores, strict=True)) / math.fsum(weights)
        return CopyingScore(value, len(scores))

    def _cells(self, features: Tensor) -> Tensor:
        """Cell of each of ``features (B, F)``: ``(B,)``."""
        return nearest(features, self._centres, 1)[1][:, 0]

    def _distances(self, features: Tensor, cell: int) -> Tensor:
        """Squared distances of ``features (B, F)`` to the nearest training image of ``cell``: ``(B,)``; of none where
        the cell holds no training image."""
        train = self._train[cell]
        return nearest(features, train, 1)[0][:, 0] if len(train) else features.new_empty(0)


def _z(generated: Tensor, test: Tensor) -> float:
    """z-scored U of ``generated (m,)`` against ``test (n,)``."""
    from scipy.stats import mannwhitneyu

    m, n = len(generated), len(test)
    u = mannwhitneyu(generated.cpu().numpy(), test.cpu().numpy(), method="asymptotic").statistic
    return float((u - m * n / 2) / math.sqrt(m * n * (m + n + 1) / 12))


def _prepare(reference: Reference) -> Measure:
    assert reference.train is not None
    copying = DataCopying(reference.train, reference.features, reference.seed)

    def measure(sample: Sample) -> dict[str, int | float | None]:
        score = copying(sample.features)
        return {"data_copying": score.value, "data_copying_cells": score.cells}

    return measure


MEASUREMENT = Measurement(
    (
        Metric(
            "data_copying",
            "data copying C_T",
            "neither",
            "natural",
            2,
            "negative: copies of training images; 0: as a new sample",
            "copying",
        ),
    ),
    _prepare,
    rank=9,
)
