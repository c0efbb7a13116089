"""Which image stands where: the order of real images and the places of synthetic ones.

Training data is an endless sequence of *passes*. A pass over N real images with ratio r and probability p holds every
real image once, in random order, of which each is swapped with probability p for a synthetic image made from it, and
further synthetic images at random places, made from random real images (each used once before any is used twice within
the pass). Ratio alone is the ``append`` injection, probability alone is ``replace``, neither is plain training.

k = rN images are appended a pass, whatever r and N are: where k is no whole number, passes differ by one. Before
pass i stand ⌊ik⌋ appended images, so pass i holds ⌊(i + 1)k⌋ − ⌊ik⌋ of them and begins at image iN + ⌊ik⌋; over whole
passes the share of appended images is r / (1 + r) to within one image. r is the decimal number that its shortest form
says, and k is exact. Image t stands in the last pass that begins at t or before, i = ⌈(t + 1) / (N + k)⌉ − 1.

Image t of the sequence is a function of (seed, t) alone. The order of real images is drawn separately from everything
about synthetic ones, so for one seed it is the same in every arm.
"""

from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.randomness import generator

__all__ = ["MixturePlan", "mixture_plan"]


class MixturePlan(NamedTuple):
    """Provenance of M consecutive images.

    ``origin: (M,)`` int64 indexes the training subset: the real image shown, or the one a synthetic image is made from.
    ``synthetic: (M,)`` bool.
    """

    origin: Tensor
    synthetic: Tensor


def mixture_plan(
    n_real: int, start: int, stop: int, *, ratio: float = 0.0, probability: float = 0.0, seed: int
) -> MixturePlan:
    """Return the provenance of images ``start`` (inclusive) to ``stop`` (exclusive) of the sequence."""
    assert n_real > 0
    assert 0 <= start < stop
    assert ratio >= 0
    assert 0 <= probability <= 1
    appended = Fraction(repr(float(ratio))) * n_real  # a pass
    length = n_real + appended
    first, last = (ceil((image + 1) / length) - 1 for image in (start, stop - 1))
    begins = [index * n_real + floor(index * appended) for index in range(first, last + 2)]
    passes = [
        _one_pass(n_real, begins[index - first + 1] - begins[index - first] - n_real, probability, seed, index)
        for index in range(first, last + 1)
    ]
    window = slice(start - begins[0], stop - begins[0])
    return MixturePlan(
        torch.cat([one.origin for one in passes])[window],
        torch.cat([one.synthetic for one in passes])[window],
    )


def _one_pass(n_real: int, n_appended: int, probability: float, seed: int, index: int) -> MixturePlan:
    real = torch.randperm(n_real, generator=generator(seed, "order of real images", index))
    swapped = torch.zeros(n_real, dtype=torch.bool)
    if probability:
        swapped = torch.rand(n_real, generator=generator(seed, "replacement", index)) < probability
    if not n_appended:
        return MixturePlan(real, swapped)
    draw = generator(seed, "appended origins", index)
    rounds = -(-n_appended // n_real)
    appended = torch.cat([torch.randperm(n_real, generator=draw) for _ in range(rounds)])[:n_appended]
    places = torch.randperm(n_real + n_appended, generator=generator(seed, "appended places", index))
    is_appended = torch.zeros(n_real + n_appended, dtype=torch.bool)
    is_appended[places[:n_appended]] = True
    origin = torch.empty(n_real + n_appended, dtype=torch.long)
    synthetic = is_appended.clone()
    origin[is_appended] = appended
    origin[~is_appended] = real
    synthetic[~is_appended] = swapped
    return MixturePlan(origin, synthetic)
