"""r_t: the share follows how often the discriminator calls training images real (:mod:`aeaug.gan.controllers.r_t`).

The augmentation's own rate is what a share of 1 stands for: the upper clamp.
"""

from typing import TYPE_CHECKING, Literal

from pydantic import Field
from typing_extensions import override

from aeaug.augmentation.schedules.schedule import Schedule, Share
from aeaug.gan.controllers.r_t import RealSign
from aeaug.options import Integer, Number

if TYPE_CHECKING:
    from aeaug.gan.module import GANModule

__all__ = ["ByRealSign"]


class ByRealSign(Schedule):
    """``schedule=r_t``. ``target``: of r_t; ``images``: in which the share goes from 0 to 1."""

    name: Literal["r_t"]
    target: Number = Field(gt=-1, lt=1)
    images: Integer = Field(ge=1, le=10**12)

    @property
    def controller(self) -> RealSign:
        """What the share follows."""
        return RealSign(target=self.target, images=self.images)

    @override
    def of(self, module: "GANModule") -> Share | None:
        return module.watch.add("augmentation", self.controller)
