from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from aeaug.data.description import DataSet
from aeaug.data.sets.mnist_5k import MNIST_5K
from aeaug.data.splits import Splits
from aeaug.data.subset import balanced_order


@pytest.fixture(scope="session")
def kept_for_nets() -> Callable[[int], Splits]:
    """The embedded images, of whose pool the last so many are for nets alone, in no set that is measured."""
    splits = MNIST_5K.load(Path())
    order = balanced_order(splits.pool_labels, seed=1)
    images, labels = splits.pool_images[order], splits.pool_labels[order]

    def cut(count: int) -> Splits:
        unseen = len(images) - count
        return splits._replace(
            pool_images=images,
            pool_labels=labels,
            pool_unseen=unseen,
            unseen_images=images[:unseen],
            unseen_pool_positions=torch.arange(unseen),
        )

    return cut


@pytest.fixture(scope="session")
def user_set(kept_for_nets: Callable[[int], Splits]) -> DataSet:
    """The embedded images as a data set of a user's, that keeps 500 for nets."""
    return replace(MNIST_5K, load=lambda root: kept_for_nets(500))
