"""Nested subsets, class-balanced or random.

One order of all images is drawn for a seed. It deals the classes like cards: a random image of each class, then a
second one of each, and so on; that uses labels, and without them the order is random. A subset of n images is that
order's first n, so the subset of 100 lies inside that of 500, and class counts differ by at most one until a class runs
out. Images that a feature net has seen come after all others.

Subsets of several seeds overlap as random ones do. The set of all images, and that of all unseen ones, is the same for
every seed, in the same order.
"""

import hashlib

import torch
from torch import Tensor

from aeaug.randomness import generator

__all__ = [
    "UNEVEN",
    "are_even",
    "balanced_order",
    "dealt_in_turn",
    "draw_subset",
    "fingerprint",
    "held_out_of",
    "order_like",
]

MOST_IN_ORDER = 100  # classes
UNEVEN = 1.5  # images of the most frequent class over those of the least; of all of MNIST's training images 1.24


def balanced_order(labels: Tensor, seed: int) -> Tensor:
    """Return a permutation ``(N,)`` int64 of the indices of ``labels: (N,)`` that deals the classes in turn."""
    rank = torch.empty(len(labels), dtype=torch.long)
    classes, place = labels.unique(return_inverse=True)
    for c in classes.tolist():
        members = (labels == c).nonzero().squeeze(1)
        shuffled = torch.randperm(len(members), generator=generator(seed, "subset of class", c))
        rank[members] = shuffled
    # Round by round; within a round the classes in their natural order. Whoever takes the first images of many classes,
    # or holds out the last, would have the first or last classes alone: these are in random order.
    if len(classes) > MOST_IN_ORDER:
        place = torch.randperm(len(labels), generator=generator(seed, "order within a round"))
        return torch.argsort(rank * len(labels) + place)
    return torch.argsort(rank * len(classes) + place)


def are_even(labels: Tensor, most: float = 1.0) -> bool:
    """Whether the classes among ``labels: (N,)`` differ by one image at most, or the most frequent has at most so many
    times the images of the least."""
    counts = labels.unique(return_counts=True)[1]
    least, greatest = int(counts.min()), int(counts.max())
    return greatest <= max(least + 1, most * least)


def dealt_in_turn(labels: Tensor) -> int:
    """How many of the first images of :func:`balanced_order` have the classes of ``labels: (N,)`` in equal numbers:
    until the first of them runs out."""
    counts = labels.unique(return_counts=True)[1]
    return int(counts.min()) * len(counts)


def order_like(labels: Tensor, *, balanced: bool) -> Tensor:
    """A fixed permutation ``(N,)`` int64 of the indices of other images, with ``labels: (N,)``: their first ones have
    the classes as a subset has them, that is ``balanced`` or is not."""
    if balanced or len(labels.unique()) < 2:
        return balanced_order(labels, seed=0)
    return torch.randperm(len(labels), generator=generator(0, "order of other images"))


def draw_subset(labels: Tensor, n: int, seed: int, *, unseen: int | None = None, balanced: bool = True) -> Tensor:
    """Return the indices ``(n,)`` int64 of the subset of size ``n`` among images with ``labels: (N,)``.

    The first ``unseen`` images (None: all) are taken before any of the others. ``balanced``: deal the classes in turn,
    as long as each has some; where one of them runs out early, so that another has half as many again, the subset comes
    in random order: else its first images would be of other classes than its last.
    Raises ``ValueError`` when ``n`` is below one image a class or above the number of labels.
    """
    classes = len(labels.unique())
    if not classes <= n <= len(labels):
        raise ValueError(
            f"data.n_train={n}: must be between {classes} (one image a class) and {len(labels)} (all images)"
        )
    first = len(labels) if unseen is None else unseen

    def order(part: Tensor, whole: bool, purpose: str) -> Tensor:
        own = 0 if whole else seed
        if balanced:
            return balanced_order(part, own)
        return torch.randperm(len(part), generator=generator(own, purpose))

    chosen = order(labels[:first], n >= first, "subset")[:n]
    if n > first:
        rest = order(labels[first:], n == len(labels), "subset of seen images")
        chosen = torch.cat([chosen, first + rest[: n - first]])
    if balanced and not are_even(labels[chosen], UNEVEN):
        own = 0 if n == len(labels) else seed
        chosen = chosen[torch.randperm(n, generator=generator(own, "order of an uneven subset"))]
    return chosen


def held_out_of(labels: Tensor, count: int, seed: int, *, balanced: bool) -> Tensor:
    """Return which images of a subset, ``(n,)`` bool, are held out of it: ``count`` < n of those with ``labels: (n,)``,
    in the subset's order.

    They are the last ones. Where classes were dealt in turn, that is by whole rounds, and what is left of a round is
    drawn at random from the one before: its last images are of the last classes. Where some class ran out, the last
    rounds lack it, and all are drawn at random.
    """
    n, classes = len(labels), len(labels.unique())
    assert 0 <= count < n
    held_out = torch.zeros(n, dtype=torch.bool)
    if balanced and not are_even(labels):
        held_out[torch.randperm(n, generator=generator(seed, "held out"))[:count]] = True
        return held_out
    in_rounds = balanced and classes <= MOST_IN_ORDER  # of more, a round is in random order
    over = count % classes if in_rounds else 0
    held_out[n - (count - over) :] = True
    if over:
        last = n - (count - over)
        first = max(0, last - classes)
        drawn = torch.randperm(last - first, generator=generator(seed, "held out"))[:over]
        held_out[first + drawn] = True
    return held_out


def fingerprint(*tensors: Tensor) -> str:
    """Return the SHA-256 of the tensors' shapes, types and bytes, in hexadecimal."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(f"{tensor.dtype}{tuple(tensor.shape)}".encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
