r"""bcr: an image and a transformed one are to have the same logit, whether real or generated.

Balanced consistency regularisation (Zhao et al. 2021, arXiv:2002.04724, algorithm 1):

.. math:: \lambda \mathbb{E}(D(x) - D(T(x)))^2 + \lambda \mathbb{E}(D(G(z)) - D(T(G(z))))^2 .

``gan/penalty=bcr`` has shifts for T; theirs are shifts and flips, which digits do not survive. Where there are views
(gan/view), x and T(x) are seen through the same draws of them.
:mod:`aeaug.augmentation.consistency` has the autoencoder.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.gan.penalties.penalty import Penalty, State
from aeaug.gan.seen import Seen
from aeaug.gan.views.diffaugment import DiffAugment
from aeaug.options import Number

__all__ = ["BCR", "BalancedConsistency", "consistency"]


def consistency(logits: Tensor, transformed: Tensor) -> Tensor:
    """Return E(D(x) − D(T(x)))², a scalar in [0, ∞), of both ``(B,)``."""
    return (logits - transformed).square().mean()


class BalancedConsistency(Penalty):
    """The term, of real and of generated images, for any T."""

    weight: Number = Field(gt=0, le=1e6)

    @abstractmethod
    def transformed(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Return T of ``images: (B, C, H, W)``, without a gradient."""

    @override
    @torch.no_grad()
    def more(self, images: Tensor, draw: Callable[[str], torch.Generator]) -> Tensor:
        return self.transformed(images, draw(type(self).__name__)).to(images.dtype)

    @override
    def __call__(self, seen: Seen, more_logits: Sequence[Tensor], state: State) -> Tensor:
        real, fake = more_logits
        return self.weight * (consistency(seen.real_logits, real) + consistency(seen.fake_logits, fake))


class BCR(BalancedConsistency):
    """``gan/penalty=bcr``. ``translation``: the largest shift, as a share of the image's side."""

    translation: Number = Field(ge=0.018, le=0.5)  # a pixel

    @override
    def transformed(self, images: Tensor, generator: torch.Generator) -> Tensor:
        return DiffAugment(translation=self.translation, cutout=0)(images, generator)
