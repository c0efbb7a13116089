"""Data sets, one a file: a :class:`aeaug.data.description.DataSet`, with where its images are from.

To add one: write its file here, add it to :data:`DataName` and :data:`DATA_SETS` below, give it a
``conf/data/<name>.yaml`` and feature nets (docs/feature_net.md). The tests find it by its name and hold it to what all
have in common.
"""

from typing import Literal

from aeaug.data.description import DataSet
from aeaug.data.sets.fashion_mnist import FASHION_MNIST
from aeaug.data.sets.mnist import MNIST
from aeaug.data.sets.mnist_5k import MNIST_5K
from aeaug.data.sets.stacked_mnist import STACKED_MNIST
from aeaug.data.sets.stacked_mnist_5k import STACKED_MNIST_5K

__all__ = ["DATA_SETS", "DataName", "data_set"]

DataName = Literal["mnist", "mnist_5k", "fashion_mnist", "stacked_mnist", "stacked_mnist_5k"]

DATA_SETS: dict[str, DataSet] = {
    one.name: one for one in (MNIST, MNIST_5K, FASHION_MNIST, STACKED_MNIST, STACKED_MNIST_5K)
}


def data_set(name: str) -> DataSet:
    """Return the data set of this ``name``. Raises ``ValueError`` for an unknown one."""
    if name not in DATA_SETS:
        raise ValueError(f"data.name={name}: must be one of {', '.join(DATA_SETS)}")
    return DATA_SETS[name]
