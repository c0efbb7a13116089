r"""consistency: an image and what T makes of it are to have the same logit, whether real or generated.

The form of balanced consistency regularisation (:mod:`aeaug.gan.penalties.bcr`) with T, encode, perturb and decode.
Decoded images are never called real: they tell the discriminator what does not matter, and change no target. T comes
before other views (gan/view), and x and T(x) are seen through the same draws of them: after instance_noise T would take
the noise away, and the term would ask the discriminator to overlook that.
"""

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.augmentation import Augmentation, Transform
from aeaug.augmentation.schedules import Share
from aeaug.gan.penalties.bcr import BalancedConsistency
from aeaug.options import Number

if TYPE_CHECKING:
    from aeaug.gan.module import GANModule

__all__ = ["Consistency", "ConsistencyPenalty", "Consistent"]


class ConsistencyPenalty(BalancedConsistency):
    """The term; ``transform`` is T."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    transform: Transform

    @override
    def transformed(self, images: Tensor, generator: torch.Generator) -> Tensor:
        return self.transform(images, generator)


class Consistent(Augmentation):
    """With this ``weight`` of the term."""

    transforms: ClassVar[bool] = True

    weight: Number = Field(gt=0, le=1e6)

    @override
    def enter(self, module: "GANModule", transform: Transform, share: Share | None = None) -> None:
        module.penalise("consistency", ConsistencyPenalty(weight=self.weight, every=1, transform=transform), share)


class Consistency(Consistent):
    """``augmentation=consistency``."""

    name: Literal["consistency"]
