"""apa: each image that stands for a real one is replaced, with probability p, by one of the generator's own.

Adaptive pseudo augmentation (Jiang et al. 2021, arXiv:2111.06849): the discriminator is deceived the more, the more it
overfits. p is the rate of :class:`aeaug.gan.controllers.r_t.RealSign`, at most ``most``; it follows the signs of images
that are real (the authors' code counts the replaced ones too), every four batches, from 0; ``target=-0.999``,
``images=1`` is a constant p of ``most`` from the fourth batch on. The generator's images are drawn afresh, as it is at
that step (theirs are those of its own last step).
"""

from collections.abc import Callable

import torch
from torch import Tensor

from aeaug.gan.controllers.r_t import FollowingRealSign
from aeaug.gan.pseudo.pseudo import Generate

__all__ = ["APA", "AdaptivePseudo", "replaced"]


def replaced(images: Tensor, pseudo: Tensor, probability: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return ``images: (B, C, H, W)``, each with this ``probability`` that of ``pseudo`` in its place, and which."""
    taken = torch.rand(len(images), generator=generator, device=images.device) < probability
    return torch.where(taken[:, None, None, None], pseudo.to(images.dtype), images), taken


class APA(FollowingRealSign):
    """``gan/pseudo=apa``."""

    def at(self, rate: Callable[[int], float]) -> "AdaptivePseudo":
        """What replaces at this ``rate``, a function of the images shown."""
        return AdaptivePseudo(rate)


class AdaptivePseudo:
    """What replaces (:class:`aeaug.gan.pseudo.pseudo.Pseudo`)."""

    def __init__(self, rate: Callable[[int], float]) -> None:
        self.rate = rate

    def __call__(
        self, images: Tensor, generate: Generate, generator: torch.Generator, shown: int
    ) -> tuple[Tensor, Tensor] | None:
        """None while p is 0."""
        probability = self.rate(shown)
        return replaced(images, generate(), probability, generator) if probability else None
