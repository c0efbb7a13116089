r"""Vendi score: how many distinct images a set seems to hold (Friedman & Dieng 2023, arXiv:2210.02410).

With :math:`\lambda_i` the eigenvalues of K / N, K the N × N kernel matrix of a set,

.. math::
    \text{Vendi} = \exp\Bigl( -\sum_i \lambda_i \log \lambda_i \Bigr), \qquad
    k(x, y) = \frac{x \cdot y}{\|x\| \|y\|}

The kernel is the cosine of two images' features, as the authors take for images: its diagonal is 1, so the eigenvalues
sum to 1. Copies of one image have 1, images in m equally frequent orthogonal directions m, and no set has more than it
has features. Eigenvalues other than 0 are those of the F × F matrix :math:`X^\top X / N` of the normalised rows: 2 N F²
operations at any N. With a narrow kernel the score would see finer differences, and grow with N.

It looks at no reference, so it cannot tell what the variety consists of: images that are like no real one add to it.
"""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from aeaug.evaluation.features import require_features
from aeaug.evaluation.metric import Measurement, Metric

__all__ = ["MEASUREMENT", "vendi_score"]


def vendi_score(features: Tensor) -> float:
    """Vendi score of ``features (N, F)``, N >= 2, between 1 and the smaller of N and F.

    Raises ``ValueError`` for another shape, for values that are not finite, and for a row of zeros, which has no angle.
    """
    require_features("features", features, features.shape[-1])
    rows = features.double()
    if not bool(rows.any(1).all()):
        raise ValueError("features: some rows are zero, which have no direction")
    rows = normalize(rows, dim=1, eps=0)
    # Rounding leaves eigenvalues that are 0 a little below it.
    eigenvalues = torch.linalg.eigvalsh(rows.T @ rows / len(rows)).clamp(min=0)
    return float(torch.special.entr(eigenvalues).sum().exp())


MEASUREMENT = Measurement(
    (
        Metric(
            "vendi_score",
            "Vendi score",
            "higher",
            "natural",
            2,
            "effective number of distinct images, without a reference (cosine kernel)",
            "diversity",
        ),
    ),
    lambda reference: lambda sample: {"vendi_score": vendi_score(sample.features)},
    rank=6,
)
