"""Data sets in memory: what they are, their files, splits, nested subsets, and the mixture of real and synthetic
images."""

from typing import TYPE_CHECKING

from aeaug.data.images import to_float
from aeaug.data.loader import Batch, Block, SampleSource

__all__ = ["Batch", "Block", "MNISTDataModule", "SampleSource", "to_float"]

if TYPE_CHECKING:
    from aeaug.data.datamodule import MNISTDataModule
else:

    def __getattr__(name: str) -> object:
        """Options are checked without Lightning, which takes seconds to import."""
        if name != "MNISTDataModule":
            raise AttributeError(name)
        from aeaug.data.datamodule import MNISTDataModule

        return MNISTDataModule
