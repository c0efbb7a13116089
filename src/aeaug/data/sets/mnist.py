"""MNIST (LeCun et al. 1998): 70,000 handwritten digits, white on black."""

from pathlib import Path

from aeaug.data.description import DataSet
from aeaug.data.idx import IDXSource
from aeaug.data.splits import Splits, cut_60000

__all__ = ["FILES", "MNIST"]

FILES = IDXSource(
    title="MNIST",
    folder="MNIST",
    md5={
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    },
    instead="data=mnist_5k, which needs no files",
)


def load(root: Path) -> Splits:
    """The splits of :func:`aeaug.data.splits.cut_60000`; images ``(N, 28, 28)`` uint8, labels in [0, 9]."""
    return cut_60000(*FILES.load(root))


MNIST = DataSet(
    name="mnist",
    title="MNIST",
    shape=(1, 28, 28),
    class_names=tuple("0123456789"),
    objects="digits",
    mean_intensity=0.13,
    pool=50_000,
    validation=5_000,
    test=10_000,
    feature_nets="mnist",
    files=FILES,
    load=load,
)
