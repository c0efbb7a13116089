r"""Authenticity: the share of generated images that are no copies of a training image (Alaa et al. 2022,
arXiv:2102.08921).

With :math:`x^*(y)` the training image nearest to the generated :math:`y_j`, j = 1 … M,

.. math::
    \text{authenticity} = \tfrac1M \textstyle\sum_j 1\bigl[\, \|y_j - x^*(y_j)\|
        > \min_{x \ne x^*(y_j)} \|x^*(y_j) - x\| \,\bigr]:

an image counts as a copy where it lies no farther from a training image than that lies from the next one. Copies have
0, far away images 1, and a fresh sample of the data something between: there :math:`y` counts as a copy exactly when it
and :math:`x^*` are each other's nearest, as are, where the density is even, 2/3 of points on a line, 62% in a plane,
half in many dimensions. MNIST's real digits have about 0.64 on the features of its net. What a set has beyond another
real sample is distance from the data, not originality.
"""

import torch
from torch import Tensor

from aeaug.evaluation.distances import nearest
from aeaug.evaluation.metric import Measure, Measurement, Metric, Reference

__all__ = ["MEASUREMENT", "Authenticity", "radii"]


class Authenticity:
    """The share for any number of sets, with the nearest neighbours within the training set sought once.

    The search costs 2 N² F operations for N training images, every set 2 N M F.
    """

    def __init__(self, train: Tensor, squared_radii: Tensor | None = None) -> None:
        """``train``: features ``(N, F)``; ``ValueError`` where N < 2 or some are not finite.

        ``squared_radii``: what :func:`radii` makes of them, where it is known already.
        """
        if len(train) < 2:
            raise ValueError(f"train: authenticity needs at least 2 training images, got {len(train)}")
        self._train = train.double()
        self._squared_radii = radii(self._train) if squared_radii is None else squared_radii

    def __call__(self, features: Tensor) -> float:
        """Share of ``features (M, F)``, M >= 1, in [0, 1]; ``ValueError`` for none, or some that are not finite."""
        if len(features) == 0:
            raise ValueError("features: expected at least 1, got 0")
        squared_distances, indices = nearest(features, self._train, 1)
        return torch.count_nonzero(squared_distances > self._squared_radii[indices]).item() / len(features)


def radii(train: Tensor) -> Tensor:
    """Squared distance of each of ``train (N, F)``, N >= 2, to the next one: ``(N,)`` float64."""
    # Every image is its own nearest; where another is equal to it, the radius is 0.
    return nearest(train, train, 2)[0][:, 1]


def _prepare(reference: Reference) -> Measure:
    train = reference.train
    assert train is not None
    authenticity = Authenticity(train, reference.keep("distance of the next", radii, train) if len(train) > 1 else None)
    return lambda sample: {"authenticity": authenticity(sample.features)}


MEASUREMENT = Measurement(
    (
        Metric(
            "authenticity",
            "authenticity",
            "neither",
            "natural",
            3,
            "share of images that copy no training image; to be read beside another real sample",
            "copying",
        ),
    ),
    _prepare,
    rank=8,
)
