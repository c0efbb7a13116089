r"""gradient: the discriminator's slope is held near 1 between real and generated images.

Gulrajani et al. 2017 (arXiv:1704.00028), equation 3, the penalty of WGAN-GP:

.. math:: \lambda \mathbb{E}(\|\nabla D(\hat x)\|_2 - 1)^2, \qquad \hat x = u x + (1 - u) G(z), \quad u \sim U(0, 1).
"""

from collections.abc import Sequence

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.gan.penalties.penalty import Penalty, State
from aeaug.gan.penalties.r1 import squared_gradients
from aeaug.gan.seen import Discriminator, Seen
from aeaug.options import Number

__all__ = ["GradientPenalty", "gradient_penalty"]

SMALLEST = 1e-12  # below a root, whose slope has no bound at 0


def gradient_penalty(
    discriminator: Discriminator, real: Tensor, fake: Tensor, weight: float, generator: torch.Generator
) -> Tensor:
    """Return λ E(‖∇D(x̂)‖ − 1)², a scalar in [0, ∞), of ``real`` and ``fake: (B, C, H, W)``, pair by pair; λ is
    ``weight``, ``generator`` is on their device."""
    share = torch.rand(len(real), 1, 1, 1, generator=generator, device=real.device)
    norms = (squared_gradients(discriminator, torch.lerp(fake, real, share)) + SMALLEST).sqrt()
    return weight * (norms - 1).square().mean()


class GradientPenalty(Penalty):
    """``gan/penalty=gradient``."""

    weight: Number = Field(gt=0, le=1e6)

    @override
    def __call__(self, seen: Seen, more_logits: Sequence[Tensor], state: State) -> Tensor:
        return gradient_penalty(seen.discriminator, seen.real, seen.fake, self.weight, seen.draw("gradient penalty"))
