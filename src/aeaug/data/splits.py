"""A data set, cut once and for all into training pool, validation slice and test set.

Of one whose files hold 60,000 training images, as MNIST's do (:mod:`aeaug.data.idx`), these are by their numbers:

================= ====================================================================================================
0 to 24,999       the pool of subsets of up to 25,000
25,000 to 29,999  the validation slice, in random order, for MNIST's is by writer
30,000 to 34,999  kept fresh: real images that are for comparison alone
35,000 to 59,999  what the feature nets of the evaluation were trained on; larger subsets take these too
================= ====================================================================================================

The test set is the official one. No feature net has seen it, the validation slice, or a subset of up to 25,000.
Features of images that a net was trained on are spread wider, and numbers that rest on them say so.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.data.subset import draw_subset, fingerprint
from aeaug.randomness import generator

__all__ = ["FEATURE_NETS_SAW", "SUBSETS", "VALIDATION", "Splits", "cut_60000"]

SUBSETS = slice(0, 25_000)
VALIDATION = slice(25_000, 30_000)
FRESH = slice(30_000, 35_000)
FEATURE_NETS_SAW = slice(35_000, 60_000)


class Splits(NamedTuple):
    """Images are ``(N, H, W)`` uint8, or in colour ``(N, C, H, W)``, labels ``(N,)`` int64.

    The first ``pool_unseen`` images of the pool, and all of ``unseen_images``, no feature net has seen.
    ``unseen_images`` are real images outside validation slice and test set; ``unseen_pool_positions`` tells where in
    the pool each stands (-1: not in it). ``sha256`` identifies all splits together. ``for_nets``: images and labels on
    which a feature net may be trained, in none of the others; None where pinned nets have seen what they have.
    """

    pool_images: Tensor
    pool_labels: Tensor
    val_images: Tensor
    val_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    unseen_images: Tensor
    unseen_pool_positions: Tensor
    pool_unseen: int
    sha256: str
    for_nets: tuple[Tensor, Tensor] | None = None

    def subset(self, n_train: int | None, seed: int, *, balanced: bool) -> Tensor:
        """The positions ``(n,)`` in the pool of the training subset of so many images (None: all of it) by this
        ``seed`` (:mod:`aeaug.data.subset`). Raises ``ValueError`` for an ``n_train`` out of range."""
        n_train = len(self.pool_labels) if n_train is None else n_train
        return draw_subset(self.pool_labels, n_train, seed, unseen=self.pool_unseen, balanced=balanced)

    def fresh(self, subset: Tensor) -> Tensor:
        """Positions ``(K,)``, in ``unseen_images``, of those that are not among the ``subset``'s."""
        return (~torch.isin(self.unseen_pool_positions, subset)).nonzero().squeeze(1)


def cut_60000(images: Tensor, labels: Tensor, test_images: Tensor, test_labels: Tensor) -> Splits:
    """Cut the training ``images (60000, H, W)`` and their ``labels (60000,)`` as the table above says."""
    order = torch.randperm(VALIDATION.stop - VALIDATION.start, generator=generator(0, "order of the validation slice"))
    parts = (
        torch.cat([images[SUBSETS], images[FEATURE_NETS_SAW]]),
        torch.cat([labels[SUBSETS], labels[FEATURE_NETS_SAW]]),
        images[VALIDATION][order],
        labels[VALIDATION][order],
        test_images,
        test_labels,
    )
    unseen = torch.cat([images[SUBSETS], images[FRESH]])
    positions = torch.arange(len(unseen))
    positions[SUBSETS.stop :] = -1
    return Splits(*parts, unseen, positions, SUBSETS.stop, fingerprint(*parts))
