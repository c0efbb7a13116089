"""How a rate, or weight, goes over training by time alone: the share of it that is in force, one schedule a file.

Whoever has a rate may have it follow one: an augmentation (``schedule``), R1 (``gan/r1_schedule``), the other penalties
(``gan/penalty_schedule``), views (``gan/view_schedule``) and the generator's images among the real ones
(``gan/pseudo_schedule``); or what the discriminator says (:mod:`aeaug.gan.schedules`).

To add one: write its file here, add its class to ``WeightSchedule`` there and to ``ScheduleChoice`` of
:mod:`aeaug.augmentation.schedules`, and give it a ``conf/schedule/<name>.yaml``, the same under ``conf/gan`` and a
``tests/schedules/test_<name>.py``.
"""

from aeaug.schedules.cosine import Cosine
from aeaug.schedules.linear import Linear
from aeaug.schedules.schedule import Timed
from aeaug.schedules.step import Step

__all__ = ["Cosine", "Linear", "Step", "Timed"]
