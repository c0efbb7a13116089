"""r_v: the share follows how much less real than training images the discriminator finds some that are held out
(:mod:`aeaug.gan.controllers.r_v`): a ``hold_out`` of the training subset, on which neither GAN nor autoencoder is
trained.

The augmentation's own rate is what a share of 1 stands for: the upper clamp. Against ``none`` an arm with this schedule
differs in two things, the injection and as many images fewer to train on; ``arm=none data.n_train=<those trained on>``
has exactly the same images. FD to train, authenticity and C_T look at the whole subset, held-out images included.
"""

from typing import TYPE_CHECKING, Literal

from pydantic import Field
from typing_extensions import override

from aeaug.augmentation.schedules.schedule import Schedule, Share
from aeaug.gan.controllers.r_v import HeldOut
from aeaug.options import Integer, Number

if TYPE_CHECKING:
    from aeaug.gan.module import GANModule

__all__ = ["ByHeldOut"]


class ByHeldOut(Schedule):
    """``schedule=r_v``. ``target``: of r_v; ``images``: in which the share goes from 0 to 1; ``hold_out``: the share of
    the training subset that nothing is trained on."""

    name: Literal["r_v"]
    target: Number = Field(gt=0, lt=1)
    images: Integer = Field(ge=1, le=10**12)
    hold_out: Number = Field(ge=0.01, le=0.5)

    @property
    def controller(self) -> HeldOut:
        """What the share follows."""
        return HeldOut(target=self.target, images=self.images)

    @override
    def of(self, module: "GANModule") -> Share | None:
        return module.watch.add("augmentation", self.controller)
