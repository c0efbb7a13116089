"""How a rate, or the weight of a penalty, goes over training by what the discriminator says, one schedule a file.

R1 (``gan/r1_schedule``), the other penalties (``gan/penalty_schedule``), rates of views and of the generator's images
(``gan/view_schedule``, ``gan/pseudo_schedule``; :mod:`aeaug.gan.rated`) and augmentations (``schedule``,
:mod:`aeaug.augmentation.schedules`) follow these, or time alone (:mod:`aeaug.schedules`).

To add one: write its file here, add its class to :data:`WeightSchedule` below and to ``ScheduleChoice`` there, and give
it a ``conf/schedule/<name>.yaml``, the same under ``conf/gan`` and a ``tests/gan/schedules/test_<name>.py``.
"""

from typing import Annotated

from pydantic import Field

from aeaug.data.loader import Share
from aeaug.gan.controllers import Watch
from aeaug.gan.schedules.r_t import ByRealSign
from aeaug.gan.schedules.r_v import ByHeldOut
from aeaug.schedules import Cosine, Linear, Step, Timed

__all__ = ["ByHeldOut", "ByRealSign", "WeightSchedule", "share_of"]

WeightSchedule = Annotated[Linear | Cosine | Step | ByRealSign | ByHeldOut, Field(discriminator="name")]


def share_of(schedule: Timed | ByRealSign | ByHeldOut, watch: Watch, name: str) -> Share:
    """The share, in [0, 1], that is in force after so many images shown, which ``watch`` knows from now on by this
    ``name``. A controller is one of its own, and what that decides is kept in checkpoints."""
    if isinstance(schedule, Timed):
        return watch.time(name, schedule.share)
    return watch.add(name, schedule.controller)
