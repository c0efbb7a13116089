"""What every controller is: a signal of what the discriminator says, and how a rate follows it."""

from abc import ABC, abstractmethod
from typing import ClassVar

from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.gan.seen import Seen
from aeaug.options import Integer, Number, Options

__all__ = ["Controller", "Targeted"]


class Controller(Options, ABC):
    """Options, and two pure functions."""

    judges: ClassVar[bool] = False
    """Whether its signal is of what the discriminator says of images that are held out, ``Seen.judged``: it is asked
    for when a rate is decided, and not at every step."""

    @abstractmethod
    def signal(self, seen: Seen) -> Tensor:
        """Return ``(2,)``, without a gradient: a sum over images of one step of the discriminator, and how many these
        are, or another sum, of which the first is a share. The signal is their quotient, over several steps and all
        processes; there is none where the second is not above 0."""

    @abstractmethod
    def moved(self, rate: float, signal: float, images: int) -> float:
        """Return the next rate, in [0, 1], after ``images`` with this ``signal`` were shown at ``rate``."""


class Targeted(Controller):
    r"""With a signal r every four batches, :math:`m \leftarrow \min(m_{\max}, \max(0, m + \operatorname{sign}(r - r^*)
    \, b / I))`, b the images shown since. ``target``: r*; ``images``: I; ``most``: m_max."""

    target: Number = Field(gt=-1, lt=1)
    images: Integer = Field(ge=1, le=10**12)
    most: Number = Field(default=1.0, gt=0, le=1)

    @override
    def moved(self, rate: float, signal: float, images: int) -> float:
        step = images / self.images
        change = step if signal > self.target else -step if signal < self.target else 0.0
        return min(self.most, max(0.0, rate + change))
