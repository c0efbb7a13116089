import os
from pathlib import Path

import pytest
import torch

from aeaug.data import MNISTDataModule

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Two cores, often shared: a second thread costs more than it brings, and results depend on the number."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def mnist_root() -> Path:
    """The folder that holds MNIST's real files."""
    root = Path(os.environ.get("AEAUG_DATA", REPOSITORY / "data"))
    if not (root / "MNIST" / "raw" / "train-images-idx3-ubyte").exists():
        pytest.skip("MNIST's files are not here: set AEAUG_DATA")
    return root


@pytest.fixture(scope="session")
def embedded() -> MNISTDataModule:
    """The embedded data with a subset of 200; read only."""
    data = MNISTDataModule("mnist_5k", n_train=200, batch_size=50, images_per_epoch=200)
    data.setup()
    return data
