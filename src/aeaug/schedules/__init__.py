"""How a rate, or weight, goes over training by time alone: the share of it that is in force, one schedule a file.

Whoever has a rate may have it follow one: an augmentation (``schedule``, where there are controllers besides:
:mod:`aeaug.augmentation.schedules`), R1 (``gan/r1_schedule``) and the other penalties (``gan/penalty_schedule``).

To add one: write its file here, add its class to :data:`TimedChoice` below and to ``ScheduleChoice`` there, and give it
a ``conf/schedule/<name>.yaml``, the same under ``conf/gan`` and a ``tests/schedules/test_<name>.py``.
"""

from typing import Annotated

from pydantic import Field

from aeaug.schedules.cosine import Cosine
from aeaug.schedules.linear import Linear
from aeaug.schedules.schedule import Timed
from aeaug.schedules.step import Step

__all__ = ["Cosine", "Linear", "Step", "Timed", "TimedChoice"]

TimedChoice = Annotated[Linear | Cosine | Step, Field(discriminator="name")]
