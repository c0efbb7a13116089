"""r_t: the share follows how often the discriminator calls training images real (:mod:`aeaug.gan.controllers.r_t`).

The rate, or weight, that the option says is what a share of 1 stands for: the upper clamp.
"""

from typing import Literal

from pydantic import Field

from aeaug.gan.controllers.r_t import RealSign
from aeaug.options import Integer, Number, Options

__all__ = ["ByRealSign"]


class ByRealSign(Options):
    """``schedule=r_t``, and so of the GAN's: ``gan/r1_schedule=r_t`` and the like. ``target``: of r_t; ``images``: in
    which the share goes from 0 to 1."""

    name: Literal["r_t"]
    target: Number = Field(gt=-1, lt=1)
    images: Integer = Field(ge=1, le=10**12)

    @property
    def controller(self) -> RealSign:
        """What the share follows."""
        return RealSign(target=self.target, images=self.images)
