"""What every schedule is: the share of an augmentation's rate, or weight, over training."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from typing_extensions import override

from aeaug.data.loader import Share
from aeaug.options import Options

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.gan.module import GANModule

__all__ = ["Schedule", "Share", "Timed"]


class Schedule(Options, ABC):
    """``conf/schedule``."""

    name: str

    @abstractmethod
    def of(self, module: "GANModule") -> Share | None:
        """Return the share in a training of ``module``, before it begins; None: all of it, all the time."""


class Timed(Schedule, ABC):
    """One that depends on the images shown alone, and rises or falls: absolute numbers, so that a larger budget changes
    nothing of what a smaller one would have shown. The datamodule reads it before every fourth batch; the draws of its
    synthetic images are of these blocks, and so other ones than without a schedule."""

    @abstractmethod
    def share(self, shown: int) -> float:
        """Return the share in [0, 1] after so many images."""

    @override
    def of(self, module: "GANModule") -> Share | None:
        return self.share
