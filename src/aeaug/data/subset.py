"""Nested, class-balanced subsets.

One order of all images is drawn for a seed, dealing the classes like cards: a random image of each class, then a second
one of each, and so on. A subset of n images is that order's first n, so the subset of 100 lies inside that of 500, and
class counts differ by at most one until a class runs out.
"""

import hashlib

import torch
from torch import Tensor

from aeaug.randomness import generator

__all__ = ["balanced_order", "balanced_subset", "fingerprint"]


def balanced_order(labels: Tensor, seed: int) -> Tensor:
    """Return a permutation ``(N,)`` int64 of the indices of ``labels: (N,)`` that deals the classes in turn."""
    rank = torch.empty(len(labels), dtype=torch.long)
    classes, place = labels.unique(return_inverse=True)
    for c in classes.tolist():
        members = (labels == c).nonzero().squeeze(1)
        shuffled = torch.randperm(len(members), generator=generator(seed, "subset of class", c))
        rank[members] = shuffled
    # Round by round; within a round the classes in their natural order.
    return torch.argsort(rank * len(classes) + place)


def balanced_subset(labels: Tensor, n: int, seed: int) -> Tensor:
    """Return the indices ``(n,)`` int64 of the class-balanced subset of size ``n``.

    Raises ``ValueError`` when ``n`` is below one image a class or above the number of labels.
    """
    classes = len(labels.unique())
    if not classes <= n <= len(labels):
        raise ValueError(
            f"data.n_train={n}: must be between {classes} (one image a class) and {len(labels)} (all images)"
        )
    return balanced_order(labels, seed)[:n]


def fingerprint(*tensors: Tensor) -> str:
    """Return the SHA-256 of the tensors' shapes, types and bytes, in hexadecimal."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(f"{tensor.dtype}{tuple(tensor.shape)}".encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
