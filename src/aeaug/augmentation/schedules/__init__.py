"""How an augmentation's rate, or weight, goes over training: the share of it that is in force, one schedule a file.

To add one: write its file here, add its class to :data:`ScheduleChoice` below, and give it a
``conf/schedule/<name>.yaml`` and a ``tests/augmentation/schedules/test_<name>.py``.
"""

from typing import Annotated

from pydantic import Field

from aeaug.augmentation.schedules.constant import Constant
from aeaug.augmentation.schedules.cosine import Cosine
from aeaug.augmentation.schedules.linear import Linear
from aeaug.augmentation.schedules.r_t import ByRealSign
from aeaug.augmentation.schedules.r_v import ByHeldOut
from aeaug.augmentation.schedules.schedule import Schedule, Share, Timed
from aeaug.augmentation.schedules.step import Step

__all__ = ["Constant", "Schedule", "ScheduleChoice", "Share", "Timed"]

ScheduleChoice = Annotated[Constant | Linear | Cosine | Step | ByRealSign | ByHeldOut, Field(discriminator="name")]
