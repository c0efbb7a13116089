"""What every schedule of time is: the share of a rate, or weight, that is in force after so many images."""

from abc import ABC, abstractmethod

from aeaug.options import Options

__all__ = ["Timed"]


class Timed(Options, ABC):
    """It depends on the images shown alone, and rises or falls: absolute numbers, so that a larger budget changes
    nothing of what a smaller one would have shown."""

    name: str

    @abstractmethod
    def share(self, shown: int) -> float:
        """Return the share in [0, 1] after so many images."""
