"""What every schedule of an augmentation is: the share of its rate, or weight, over training."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from aeaug.data.loader import Share
from aeaug.options import Options
from aeaug.schedules import Timed

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.gan.module import GANModule

__all__ = ["Schedule", "Share", "share_of"]


class Schedule(Options, ABC):
    """``conf/schedule``: one that does not depend on time alone."""

    name: str

    @abstractmethod
    def of(self, module: "GANModule") -> Share | None:
        """Return the share in a training of ``module``, before it begins; None: all of it, all the time."""


def share_of(schedule: Schedule | Timed, module: "GANModule") -> Share | None:
    """The share in a training of ``module``, before it begins; None: all of it, all the time.

    The datamodule reads it before every fourth batch; the draws of its synthetic images are of these blocks, and so
    other ones than without a schedule.
    """
    return schedule.share if isinstance(schedule, Timed) else schedule.of(module)
