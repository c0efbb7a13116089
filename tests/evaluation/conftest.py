import pytest
from torch import Tensor

from aeaug.data.images import to_float
from aeaug.data.sets.mnist import MNIST
from aeaug.data.sets.mnist_5k import load_mnist_5k
from aeaug.evaluation import FeatureNet, load_feature_net


@pytest.fixture(scope="session")
def stored() -> tuple[Tensor, Tensor]:
    """The embedded images ``(5000, 28, 28)`` uint8 and their labels, sorted by class; read only."""
    return load_mnist_5k()


@pytest.fixture(scope="session")
def digits(stored: tuple[Tensor, Tensor]) -> Tensor:
    """The embedded images as float ``(5000, 1, 28, 28)``, sorted by class; read only."""
    return to_float(stored[0])


@pytest.fixture(scope="session")
def net() -> FeatureNet:
    return load_feature_net(MNIST)[0]
