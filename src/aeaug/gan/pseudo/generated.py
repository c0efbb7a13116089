"""generated: each image that stands for a real one is replaced, with a probability, by one of the generator's own.

Pseudo augmentation as in Jiang et al. 2021 (arXiv:2111.06849), where the probability is adaptive: the discriminator is
deceived. The generator's images are drawn afresh, as it is at that step (theirs are those of its own last step).

The probability p is the same all the time, or goes with ``gan/pseudo_schedule``; :mod:`aeaug.gan.pseudo.apa` is this
with a controller and a clamp of its own.
"""

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.data.loader import Share
from aeaug.gan.pseudo.pseudo import Generate
from aeaug.gan.rated import Rated
from aeaug.options import Number

__all__ = ["AdaptivePseudo", "Generated", "replaced"]


def replaced(images: Tensor, pseudo: Tensor, probability: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return ``images: (B, C, H, W)``, each with this ``probability`` that of ``pseudo`` in its place, and which."""
    taken = torch.rand(len(images), generator=generator, device=images.device) < probability
    return torch.where(taken[:, None, None, None], pseudo.to(images.dtype), images), taken


class Generated(Rated):
    """``gan/pseudo=generated``. ``probability``: p."""

    probability: Number = Field(gt=0, lt=1)

    @override
    def at(self, share: Share) -> "AdaptivePseudo":
        return AdaptivePseudo(lambda shown: self.probability * share(shown))


class AdaptivePseudo:
    """What replaces (:class:`aeaug.gan.pseudo.pseudo.Pseudo`) at this ``rate``, p after so many images shown."""

    def __init__(self, rate: Share) -> None:
        self.rate = rate

    def __call__(
        self, images: Tensor, generate: Generate, generator: torch.Generator, shown: int
    ) -> tuple[Tensor, Tensor] | None:
        """None while p is 0."""
        probability = self.rate(shown)
        return replaced(images, generate(), probability, generator) if probability else None
