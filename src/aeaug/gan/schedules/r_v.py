"""r_v: the share follows how much less real than training images the discriminator finds some that are held out
(:mod:`aeaug.gan.controllers.r_v`): a ``hold_out`` of the training subset, on which neither GAN nor autoencoder is
trained.

The rate, or weight, that the option says is what a share of 1 stands for: the upper clamp. Against the arm with the
same rate all the time, or ``none``, an arm with this schedule differs in one thing more, as many images fewer to train
on; ``data.n_train=<those trained on>`` gives the other exactly the same images. FD to train, authenticity and C_T look
at the whole subset, held-out images included.
"""

from typing import Literal

from pydantic import Field

from aeaug.gan.controllers.r_v import HeldOut
from aeaug.options import Integer, Number, Options

__all__ = ["ByHeldOut"]


class ByHeldOut(Options):
    """``schedule=r_v``, and so of the GAN's: ``gan/r1_schedule=r_v`` and the like. ``target``: of r_v; ``images``: in
    which the share goes from 0 to 1; ``hold_out``: the share of the training subset that nothing is trained on."""

    name: Literal["r_v"]
    target: Number = Field(gt=0, lt=1)
    images: Integer = Field(ge=1, le=10**12)
    hold_out: Number = Field(ge=0.01, le=0.5)

    @property
    def controller(self) -> HeldOut:
        """What the share follows."""
        return HeldOut(target=self.target, images=self.images)
