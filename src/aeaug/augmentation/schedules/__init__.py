"""How an augmentation's rate, or weight, goes over training: the share of it that is in force, one schedule a file.

Those of time alone stand in :mod:`aeaug.schedules`. To add another: write its file here, add its class to
:data:`ScheduleChoice` below, and give it a ``conf/schedule/<name>.yaml`` and a
``tests/augmentation/schedules/test_<name>.py``.
"""

from typing import Annotated

from pydantic import Field

from aeaug.augmentation.schedules.constant import Constant
from aeaug.augmentation.schedules.r_t import ByRealSign
from aeaug.augmentation.schedules.r_v import ByHeldOut
from aeaug.augmentation.schedules.schedule import Schedule, Share, share_of
from aeaug.schedules import Cosine, Linear, Step

__all__ = ["Constant", "Schedule", "ScheduleChoice", "Share", "share_of"]

ScheduleChoice = Annotated[Constant | Linear | Cosine | Step | ByRealSign | ByHeldOut, Field(discriminator="name")]
