"""What the options of every source are: ``conf/source``."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor

from aeaug.augmentation.sources.source import Source
from aeaug.options import Options

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.augmentation.sources.decoded import DecodedSource

__all__ = ["SourceOptions"]


class SourceOptions(Options, ABC):
    """``name``: of the source."""

    decodes: ClassVar[bool] = True
    """Whether its images depend on the autoencoder and the perturbation, if only by their dose; where they do not,
    neither is a setting of the run."""
    transforms: ClassVar[bool] = False
    """Whether it makes of any image, also of a generated one, what it makes of those of the subset."""
    beyond: ClassVar[bool] = False
    """Whether it shows real images beyond the training subset, and is an upper bound."""

    name: str

    @abstractmethod
    def of(self, decoded: "DecodedSource", fresh: Tensor) -> Source:
        """Return the source. ``decoded``: that of the run's autoencoder and perturbation; ``fresh: (K, H, W)`` or
        ``(K, C, H, W)`` uint8: real images beyond subset, validation slice and test set, of which floors are
        samples."""
