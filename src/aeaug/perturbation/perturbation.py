"""What every perturbation is: options, and a pure function of codes, of what is known of the training codes, and of a
generator."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import torch
from torch import Tensor

from aeaug.options import Options
from aeaug.perturbation.codes import Encoded, LatentCodes

__all__ = ["Perturbation", "Within"]

Within = Literal["subset", "class"]
"""Of which training codes others are taken: of all, or of those whose images have the same label."""


class Perturbation(Options, ABC):
    """z → z′, for training codes by their index and for any others."""

    asks: ClassVar[bool] = False
    """Whether it asks the discriminator, so that the codes need a ``score``."""
    forgets: ClassVar[bool] = False
    """Whether z′ has nothing to do with z: what is made so is made of no image, and has no image's class."""
    of_deviations: ClassVar[bool] = False
    """Whether it takes a variational encoder's deviation of the image."""

    name: str

    @abstractmethod
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        """Return perturbed codes ``(M, D)`` for those ``of`` M images; gradients pass where z′ depends on z. ``codes``:
        of the training subset."""

    def parts(self) -> "tuple[Perturbation, ...]":
        """What it is made of, in order: itself, or its links."""
        return (self,)

    def asking(self) -> bool:
        """Whether it, or a link of it, asks the discriminator."""
        return any(part.asks for part in self.parts())

    @property
    def within_classes(self) -> bool:
        """Whether it takes other codes from the same class alone; links of it are not asked. Only then are the codes'
        labels handed to it."""
        return getattr(self, "within", None) == "class"

    def using_labels(self) -> bool:
        """Whether it, or a link of it, takes other codes from the same class alone, so that the codes need labels."""
        return any(part.within_classes for part in self.parts())

    def __call__(self, codes: LatentCodes, index: Tensor, generator: torch.Generator) -> Tensor:
        """Return perturbed codes ``(M, D)`` for the training codes ``index: (M,)``."""
        return self.moved(codes.of(index), codes, generator)
