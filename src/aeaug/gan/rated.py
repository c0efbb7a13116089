"""What has a rate of its own, a probability or a strength.

It is a constant, unless its group has a schedule (``gan/view_schedule``, ``gan/pseudo_schedule``): the share that is in
force (:mod:`aeaug.gan.schedules`) multiplies it.
"""

from abc import ABC, abstractmethod
from typing import Any

from aeaug.data.loader import Share
from aeaug.options import Options

__all__ = ["Rated", "whole"]


class Rated(Options, ABC):
    """Options that make what they are of."""

    @abstractmethod
    def at(self, share: Share) -> Any:
        """What has its rate times ``share``, in [0, 1], a function of the images shown."""


def whole(shown: int) -> float:
    """The share where there is no schedule."""
    return 1.0
