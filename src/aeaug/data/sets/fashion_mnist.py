"""Fashion-MNIST (Xiao et al. 2017, arXiv:1708.07747): 70,000 pictures of clothing in MNIST's form, bright on black.

Its files and splits have the form of MNIST's; its feature nets are its own.
"""

from pathlib import Path

from aeaug.data.description import DataSet
from aeaug.data.idx import IDXSource
from aeaug.data.splits import Splits, cut_60000

__all__ = ["FASHION_MNIST", "FILES"]

FILES = IDXSource(
    title="Fashion-MNIST",
    folder="FashionMNIST",
    md5={
        "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
    },
    instead="data=mnist_5k, other images, which need no files",
)


def load(root: Path) -> Splits:
    """The splits of :func:`aeaug.data.splits.cut_60000`; images ``(N, 28, 28)`` uint8, labels in [0, 9]."""
    return cut_60000(*FILES.load(root))


FASHION_MNIST = DataSet(
    name="fashion_mnist",
    title="Fashion-MNIST",
    shape=(1, 28, 28),
    class_names=(
        "T-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
    objects="clothes",
    mean_intensity=0.29,
    pool=50_000,
    validation=5_000,
    test=10_000,
    feature_nets="fashion_mnist",
    files=FILES,
    load=load,
)
