r"""Adversarial losses on logits.

With :math:`\ell = D(x)`, :math:`-\log \sigma(\ell) = \mathrm{softplus}(-\ell)` and
:math:`-\log(1 - \sigma(\ell)) = \mathrm{softplus}(\ell)`, Goodfellow et al. 2014 (arXiv:1406.2661) have

.. math::
    L_D &= \mathbb{E}\,\mathrm{softplus}(-D(x)) + \mathbb{E}\,\mathrm{softplus}(D(G(z))) \\
    L_G^\text{minimax} &= -\mathbb{E}\,\mathrm{softplus}(D(G(z))) \quad \text{(equation 1)} \\
    L_G^\text{non-saturating} &= \mathbb{E}\,\mathrm{softplus}(-D(G(z))) \quad \text{(section 3)}

Both games have the same discriminator loss, 2 ln 2 where the discriminator cannot tell. Where it is sure of a
fake (:math:`D \to -\infty`), the minimax generator's gradient with respect to the logit, :math:`-\sigma(D)`,
vanishes, and the non-saturating one's, :math:`-\sigma(-D)`, goes to -1.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import softplus

__all__ = ["LOSSES", "Loss", "discriminator_loss", "minimax", "non_saturating"]


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """L_D of ``real_logits (B,)`` and ``fake_logits (C,)``: a scalar in [0, ∞)."""
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def _minimax_generator_loss(fake_logits: Tensor) -> Tensor:
    return -softplus(fake_logits).mean()


def _non_saturating_generator_loss(fake_logits: Tensor) -> Tensor:
    return softplus(-fake_logits).mean()


class Loss(NamedTuple):
    """``generator_loss(fake_logits)`` and ``discriminator_loss(real_logits, fake_logits)``, each a scalar."""

    generator_loss: Callable[[Tensor], Tensor]
    discriminator_loss: Callable[[Tensor, Tensor], Tensor]


minimax = Loss(_minimax_generator_loss, discriminator_loss)
non_saturating = Loss(_non_saturating_generator_loss, discriminator_loss)

LOSSES = {"minimax": minimax, "non_saturating": non_saturating}
