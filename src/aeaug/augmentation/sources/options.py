"""What the options of every source are: ``conf/source``."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from torch import Tensor

from aeaug.augmentation.sources.source import Source
from aeaug.options import Options

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.augmentation.sources.decoded import DecodedSource

__all__ = ["SourceOptions"]


class SourceOptions(Options, ABC):
    """``name``: of the source."""

    name: str

    @abstractmethod
    def of(self, decoded: "DecodedSource", fresh: Tensor) -> Source:
        """Return the source. ``decoded``: that of the run's autoencoder and perturbation; ``fresh: (K, H, W)``: real
        images beyond subset, validation slice and test set, of which floors are samples."""
