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

Rates that change over training thin the sequence: at a share m ∈ [0, 1] of its rates an appended image is left out
with probability 1 − m, and a real one swapped with probability mp, which makes the ratio mr. What is shown is then a
function of (seed, t) and of the shares until there, and how far into the sequence it stands is to be remembered. At
m = 1 it is the sequence itself, at m = 0 its real images.
"""

from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.randomness import generator

__all__ = ["MixturePlan", "mixture_plan", "thinned_plan"]


class MixturePlan(NamedTuple):
    """Provenance of M consecutive images.

    ``origin: (M,)`` int64 indexes the training subset: the real image shown, or the one a synthetic image is made from.
    ``synthetic: (M,)`` bool.
    """

    origin: Tensor
    synthetic: Tensor


class _Pass(NamedTuple):
    """One pass of M images: ``origin: (M,)``; ``appended: (M,)`` bool; ``draw: (M,)``, uniform in [0, 1): an appended
    image is shown where it is below the share of the rates, a real one swapped where it is below its probability."""

    origin: Tensor
    appended: Tensor
    draw: Tensor


def mixture_plan(
    n_real: int, start: int, stop: int, *, ratio: float = 0.0, probability: float = 0.0, seed: int
) -> MixturePlan:
    """Return the provenance of images ``start`` (inclusive) to ``stop`` (exclusive) of the sequence: ``n_real`` ≥ 1,
    0 ≤ ``start`` < ``stop``, ``ratio`` ≥ 0, ``probability`` in [0, 1]."""
    assert n_real > 0
    assert 0 <= start < stop
    assert ratio >= 0
    assert 0 <= probability <= 1
    appended = Fraction(repr(float(ratio))) * n_real  # a pass
    first, last = (_pass_of(image, n_real, appended) for image in (start, stop - 1))
    passes = [_pass(n_real, appended, bool(probability), False, seed, index) for index in range(first, last + 1)]
    begin = _beginning(first, n_real, appended)
    found = _Pass(*(torch.cat(parts)[start - begin : stop - begin] for parts in zip(*passes, strict=True)))
    return MixturePlan(found.origin, found.appended | (found.draw < probability))


def thinned_plan(
    n_real: int, position: int, count: int, share: float, *, ratio: float = 0.0, probability: float = 0.0, seed: int
) -> tuple[MixturePlan, int]:
    """Return the provenance of the next ``count`` images that are shown at a ``share`` of the rates, from the image at
    ``position`` of the sequence on, and the position after them: ``position`` ≥ 0, ``count`` ≥ 1, ``share`` in
    [0, 1], the others as of :func:`mixture_plan`."""
    assert 0 <= share <= 1
    assert count > 0
    appended = Fraction(repr(float(ratio))) * n_real
    index = _pass_of(position, n_real, appended)
    parts: list[_Pass] = []
    while (lacking := count - sum(len(part.origin) for part in parts)) > 0:
        whole = _pass(n_real, appended, bool(probability), True, seed, index)
        begin = _beginning(index, n_real, appended)
        shown = ~whole.appended | (whole.draw < share)
        shown[: max(0, position - begin)] = False
        where = shown.nonzero().squeeze(1)[:lacking]
        parts.append(_Pass(*(part[where] for part in whole)))
        if len(where):
            after = begin + int(where[-1]) + 1
        index += 1
    found = _Pass(*map(torch.cat, zip(*parts, strict=True)))
    return MixturePlan(found.origin, found.appended | (found.draw < share * probability)), after


def _pass_of(image: int, n_real: int, appended: Fraction) -> int:
    return ceil((image + 1) / (n_real + appended)) - 1


def _beginning(index: int, n_real: int, appended: Fraction) -> int:
    return index * n_real + floor(index * appended)


@lru_cache(maxsize=4)
def _pass(n_real: int, appended: Fraction, swaps: bool, thins: bool, seed: int, index: int) -> _Pass:
    """The pass at ``index``, with what swaps and thinning need; its tensors are not to be written into."""
    more = floor((index + 1) * appended) - floor(index * appended)
    return _one_pass(n_real, more, swaps, thins, seed, index)


def _one_pass(n_real: int, n_appended: int, swaps: bool, thins: bool, seed: int, index: int) -> _Pass:
    real, never = torch.randperm(n_real, generator=generator(seed, "order of real images", index)), torch.ones(n_real)
    swapped = torch.rand(n_real, generator=generator(seed, "replacement", index)) if swaps else never
    if not n_appended:
        return _Pass(real, torch.zeros(n_real, dtype=torch.bool), swapped)
    draw = generator(seed, "appended origins", index)
    rounds = -(-n_appended // n_real)
    appended = torch.cat([torch.randperm(n_real, generator=draw) for _ in range(rounds)])[:n_appended]
    places = torch.randperm(n_real + n_appended, generator=generator(seed, "appended places", index))
    is_appended = torch.zeros(n_real + n_appended, dtype=torch.bool)
    is_appended[places[:n_appended]] = True
    origin, chance = torch.empty(n_real + n_appended, dtype=torch.long), torch.zeros(n_real + n_appended)
    origin[is_appended], origin[~is_appended] = appended, real
    chance[~is_appended] = swapped
    if thins:
        chance[is_appended] = torch.rand(n_appended, generator=generator(seed, "appended shown", index))
    return _Pass(origin, is_appended, chance)
