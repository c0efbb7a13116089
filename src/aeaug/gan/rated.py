"""What has a rate of its own, a probability or a strength.

It is a constant, unless its group has a schedule (``gan/view_schedule``, ``gan/pseudo_schedule``): the share that is in
force (:mod:`aeaug.gan.schedules`) multiplies it.
"""

from abc import ABC, abstractmethod
from typing import Any, get_args

from aeaug.data.loader import Share
from aeaug.options import Options, Several

__all__ = ["Rated", "rated", "whole"]


class Rated(Options, ABC):
    """Options that make what they are of."""

    @abstractmethod
    def at(self, share: Share) -> Any:
        """What has its rate times ``share``, in [0, 1], a function of the images shown."""

    def fading(self) -> Share | None:
        """The share of its rate that it leaves by itself, after so many images shown; None: all of it."""
        return None


def rated(group: type[Several]) -> str:
    """Which of a ``group`` have a rate of their own, in words."""
    names = [name for name, field in group.model_fields.items() if _is_rated(field.annotation)]
    return f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} one"


def _is_rated(annotation: Any) -> bool:
    return any(isinstance(one, type) and issubclass(one, Rated) for one in get_args(annotation))


def whole(shown: int) -> float:
    """The share where there is no schedule."""
    return 1.0
