"""How an augmentation's rate, or weight, goes over training: the share of it that is in force, one schedule a file.

Those of time alone stand in :mod:`aeaug.schedules`, those that follow the discriminator in :mod:`aeaug.gan.schedules`,
where what is added goes, too: penalties have the same.
"""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from aeaug.augmentation.schedules.constant import Constant
from aeaug.data.loader import Share
from aeaug.gan.schedules import ByHeldOut, ByRealSign
from aeaug.gan.schedules import share_of as share_of_weight
from aeaug.schedules import Cosine, Linear, Step

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.gan.module import GANModule

__all__ = ["Constant", "Schedule", "ScheduleChoice", "Share", "share_of"]

Schedule = Constant | Linear | Cosine | Step | ByRealSign | ByHeldOut
ScheduleChoice = Annotated[Schedule, Field(discriminator="name")]


def share_of(schedule: Schedule, module: "GANModule") -> Share | None:
    """The share in a training of ``module``, before it begins; None: all of it, all the time.

    The datamodule reads it before every fourth batch; the draws of its synthetic images are of these blocks, and so
    other ones than without a schedule.
    """
    return None if isinstance(schedule, Constant) else share_of_weight(schedule, module.watch, "augmentation")
