r"""Few real images: how much of a difference between two generators is theirs, and how much the choice of the images.

A distance to n real images is one to their distribution plus what their choice makes of it. Generated images cost
nothing, so where real ones are few, below 480, both kinds need not be equally many: 2,000 generated ones are measured
against the few. What is left is the choice of the real ones, the same for all arms and seeds of a comparison, which no
number of seeds averages out. How much it makes is told by a delete-a-group jackknife: with every tenth of the real
images left out, a difference :math:`d` becomes :math:`d_{-k}`, and

.. math:: \mathrm{se}^2 = \frac{G - 1}{G} \sum_{k=1}^{G} (d_{-k} - \bar d_{-\cdot})^2, \qquad G = 10

(Shao & Tu 1995, The Jackknife and Bootstrap, 2.3; Student's t of G - 1 degrees of freedom makes an interval of it).
docs/feature_net.md has what both are worth, of 96 features. Of more than 288, as large nets of others have them,
2,000 images are no sample to fit a Gaussian to, and nothing of this is measured.
"""

import math
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.randomness import generator

__all__ = ["PARTS", "Jackknife", "are_few", "generated_for", "jackknife", "part_of"]

FEW, GENERATED, MOST_FEATURES = 480, 2_000, 288
PARTS = 10
"""G, of the real images, which are left out one at a time."""


def are_few(images: int, num_features: int) -> bool:
    """Whether so many real ``images`` are few, and may be measured so in ``num_features``."""
    return images < FEW and num_features <= MOST_FEATURES


def part_of(images: int) -> Tensor:
    """The part, 0 to G − 1, that each of so many ``images`` is in, ``(N,)``: at random, for images may come class by
    class, and the same in every run."""
    order = torch.randperm(images, generator=generator(0, "parts of few images"))
    return order % PARTS


def generated_for(images: int, num_features: int) -> int:
    """How many generated images are measured against so many real ``images`` by FD alone: of few ones more."""
    return GENERATED if are_few(images, num_features) else images


class Jackknife(NamedTuple):
    """Standard ``error``, and the ``half`` of a 95% interval."""

    error: float
    half: float


def jackknife(without: Sequence[float]) -> Jackknife:
    """What the choice of the real images makes of a number that is, ``without`` each part of them, that."""
    from scipy.special import stdtrit  # not needed where images are many

    groups, centre = len(without), fmean(without)
    error = math.sqrt((groups - 1) / groups * math.fsum((one - centre) ** 2 for one in without))
    return Jackknife(error, float(stdtrit(groups - 1, 0.975)) * error)
