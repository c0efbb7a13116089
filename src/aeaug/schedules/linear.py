r"""linear: the share goes along a line,

.. math:: m(t) = m_0 + (m_1 - m_0) \min(1, \max(0, (t - t_0) / (t_1 - t_0))),

t images shown; from 1 to 0 a rate, or weight, fades out, from 0 to 1 it fades in.
"""

from typing import Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from aeaug.options import Integer, Number
from aeaug.schedules.schedule import Timed

__all__ = ["Linear", "Ramp", "progress"]


def progress(shown: int, begin: int, until: int) -> float:
    """How far, in [0, 1], ``shown`` is from ``begin`` to ``until``, which is later."""
    return min(1.0, max(0.0, (shown - begin) / (until - begin)))


class Ramp(Timed):
    """What goes from ``start``, m₀, to ``end``, m₁, between ``begin``, t₀, and ``until``, t₁, in images shown."""

    start: Number = Field(ge=0, le=1)
    end: Number = Field(ge=0, le=1)
    begin: Integer = Field(ge=0, le=10**12)
    until: Integer = Field(ge=1, le=10**12)

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.until <= self.begin:
            raise ValueError(f"schedule.until={self.until}: must be above schedule.begin={self.begin}")
        if self.start == self.end:
            raise ValueError(f"schedule.start={self.start:g}, end={self.end:g}: they are equal, which is constant")
        return self


class Linear(Ramp):
    """``schedule=linear``, and so of the GAN's: ``gan/r1_schedule=linear`` and the like."""

    name: Literal["linear"]

    @override
    def share(self, shown: int) -> float:
        return self.start + (self.end - self.start) * progress(shown, self.begin, self.until)
