r"""consistency: an image and what T makes of it are to have the same logit, whether real or generated.

The form of balanced consistency regularisation (bCR, Zhao et al. 2021, arXiv:2002.04724, algorithm 1) with T, encode,
perturb and decode:

.. math:: \lambda \mathbb{E}(D(x) - D(T(x)))^2 + \lambda \mathbb{E}(D(G(z)) - D(T(G(z))))^2 .

Decoded images are never called real: they tell the discriminator what does not matter, and change no target.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.base import Augmentation, Transform
from aeaug.gan.penalties import Penalty, Seen, State
from aeaug.options import Number

if TYPE_CHECKING:
    from aeaug.gan.module import GANModule

__all__ = ["Consistency", "ConsistencyPenalty", "consistency"]


def consistency(logits: Tensor, transformed: Tensor) -> Tensor:
    """Return E(D(x) − D(T(x)))², a scalar in [0, ∞), of both ``(B,)``."""
    return (logits - transformed).square().mean()


class ConsistencyPenalty(Penalty):
    """The term, of real and of generated images; ``transform`` is T."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    weight: Number = Field(gt=0, le=1e6)
    transform: Transform

    @override
    @torch.no_grad()
    def more(self, real: Tensor, fake: Tensor, draw: Callable[[str], torch.Generator]) -> tuple[Tensor, ...]:
        made = self.transform(torch.cat([real, fake]), draw("consistency")).to(real.dtype)
        return made[: len(real)], made[len(real) :]

    @override
    def __call__(self, seen: Seen, more_logits: Sequence[Tensor], state: State) -> Tensor:
        real, fake = more_logits
        return self.weight * (consistency(seen.real_logits, real) + consistency(seen.fake_logits, fake))


class Consistency(Augmentation):
    """``augmentation=consistency``."""

    name: Literal["consistency"]
    weight: Number = Field(gt=0, le=1e6)

    @override
    def enter(self, module: "GANModule", transform: Transform) -> None:
        module.penalise("consistency", ConsistencyPenalty(weight=self.weight, every=1, transform=transform))
