"""What every controller is: a signal of what the discriminator says, and how a rate follows it."""

from abc import ABC, abstractmethod

from torch import Tensor

from aeaug.gan.seen import Seen
from aeaug.options import Options

__all__ = ["Controller"]


class Controller(Options, ABC):
    """Options, and two pure functions."""

    @abstractmethod
    def signal(self, seen: Seen) -> Tensor:
        """Return ``(2,)``, without a gradient: a sum over images of one step of the discriminator, and how many these
        are. The signal is their quotient, over several steps and all processes."""

    @abstractmethod
    def moved(self, rate: float, signal: float, images: int) -> float:
        """Return the next rate, in [0, 1], after ``images`` with this ``signal`` were shown at ``rate``."""
