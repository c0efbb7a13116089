r"""Adversarial losses on logits.

With :math:`\ell = D(x)`, :math:`-\log \sigma(\ell) = \mathrm{softplus}(-\ell)` and
:math:`-\log(1 - \sigma(\ell)) = \mathrm{softplus}(\ell)`, Goodfellow et al. 2014 (arXiv:1406.2661) have

.. math::
    L_D &= \mathbb{E}\,\mathrm{softplus}(-D(x)) + \mathbb{E}\,\mathrm{softplus}(D(G(z))) \\
    L_G^\text{minimax} &= -\mathbb{E}\,\mathrm{softplus}(D(G(z))) \qquad \text{(equation 1)} \\
    L_G^\text{non-saturating} &= \mathbb{E}\,\mathrm{softplus}(-D(G(z))) \qquad \text{(their section 3)}

Both games have the same discriminator loss, 2 ln 2 where the discriminator cannot tell. Where it is sure of a fake
(:math:`D \to -\infty`), the minimax generator's gradient with respect to the logit, :math:`-\sigma(D)`, vanishes,
and the non-saturating one's, :math:`-\sigma(-D)`, goes to -1.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import softplus

__all__ = ["Loss", "build_loss", "discriminator_loss", "minimax", "non_saturating"]


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """L_D of ``real_logits (B,)`` and ``fake_logits (C,)``: a scalar in [0, ∞)."""
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def _minimax_generator_loss(fake_logits: Tensor) -> Tensor:
    return -softplus(fake_logits).mean()


def _non_saturating_generator_loss(fake_logits: Tensor) -> Tensor:
    return softplus(-fake_logits).mean()


class Loss(NamedTuple):
    """``generator(fake_logits)`` and ``discriminator(real_logits, fake_logits)``: logits ``(B,)`` to scalars."""

    generator: Callable[[Tensor], Tensor]
    discriminator: Callable[[Tensor, Tensor], Tensor]


minimax = Loss(_minimax_generator_loss, discriminator_loss)
non_saturating = Loss(_non_saturating_generator_loss, discriminator_loss)


def build_loss(name: str) -> Loss:
    """Return the loss called ``minimax`` or ``non_saturating``; raises ``ValueError`` for another name."""
    losses = {"minimax": minimax, "non_saturating": non_saturating}
    if name not in losses:
        raise ValueError(f"gan.loss={name}: must be minimax or non_saturating")
    return losses[name]
