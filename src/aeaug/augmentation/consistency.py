r"""consistency: an image and what T makes of it are to have the same logit, whether real or generated.

The form of balanced consistency regularisation (:mod:`aeaug.gan.penalties.bcr`) with T, encode, perturb and decode.
Decoded images are never called real: they tell the discriminator what does not matter, and change no target.
"""

from typing import TYPE_CHECKING, Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.augmentation import Augmentation, Transform
from aeaug.gan.penalties.bcr import BalancedConsistency
from aeaug.options import Number

if TYPE_CHECKING:
    from aeaug.gan.module import GANModule

__all__ = ["Consistency", "ConsistencyPenalty"]


class ConsistencyPenalty(BalancedConsistency):
    """The term; ``transform`` is T."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    transform: Transform

    @override
    def transformed(self, images: Tensor, generator: torch.Generator) -> Tensor:
        return self.transform(images, generator)


class Consistency(Augmentation):
    """``augmentation=consistency``."""

    name: Literal["consistency"]
    weight: Number = Field(gt=0, le=1e6)

    @override
    def enter(self, module: "GANModule", transform: Transform) -> None:
        module.penalise("consistency", ConsistencyPenalty(weight=self.weight, every=1, transform=transform))
