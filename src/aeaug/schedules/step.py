"""step: the share is m₀ before ``at`` images are shown, and m₁ from then on."""

from typing import Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from aeaug.options import Integer, Number
from aeaug.schedules.schedule import Timed

__all__ = ["Step"]


class Step(Timed):
    """``schedule=step``, and so of the GAN's: ``gan/r1_schedule=step`` and the like. ``start``: m₀, ``end``: m₁."""

    name: Literal["step"]
    start: Number = Field(ge=0, le=1)
    end: Number = Field(ge=0, le=1)
    at: Integer = Field(ge=1, le=10**12)

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.start == self.end:
            raise ValueError(f"schedule.start={self.start:g}, end={self.end:g}: they are equal, which is constant")
        return self

    @override
    def share(self, shown: int) -> float:
        return self.start if shown < self.at else self.end
