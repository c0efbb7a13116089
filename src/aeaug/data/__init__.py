"""MNIST in memory: files, splits, nested subsets, and the mixture of real and synthetic images."""

from aeaug.data.datamodule import MNISTDataModule
from aeaug.data.images import to_float
from aeaug.data.loader import Batch, SampleSource

__all__ = ["Batch", "MNISTDataModule", "SampleSource", "to_float"]
