"""What every way is by which an autoencoder's images enter a GAN's training."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from aeaug.augmentation.schedules import Share
from aeaug.options import Options

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.gan.module import GANModule

__all__ = ["Augmentation", "Injection", "Transform"]

Transform = Callable[[Tensor, torch.Generator], Tensor]
"""T: images ``(B, C, H, W)`` in [-1, 1] to as many, with a generator on their device."""


class Augmentation(Options, ABC):
    """Options, and where they take hold: in the datamodule, which mixes images in, or in the GAN's step."""

    transforms: ClassVar[bool] = False
    """Whether it makes use of T, so that there has to be an autoencoder, and a perturbation of any image's code."""

    name: str

    def rates(self) -> dict[str, float]:
        """What to hand to ``MNISTDataModule.inject``; empty: nothing is injected."""
        return {}

    def real_share(self) -> Fraction:
        """The share of real images among those that the datamodule hands out."""
        return Fraction(1)

    def enter(self, module: "GANModule", transform: Transform, share: Share | None = None) -> None:
        """Have ``module`` make use of T in its steps, before they begin; ``share``: of the rate or weight, over
        training."""
        return


class Injection(Augmentation):
    """One that the datamodule does."""

    @abstractmethod
    def least(self, images: int) -> float:
        """The rate at which one of ``images`` is synthetic, on average; infinite if there is none."""
