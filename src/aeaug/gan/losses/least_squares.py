r"""least_squares: Mao et al. 2017 (arXiv:1611.04076), with the labels a = −1, b = 1 and c = 0 of its section 3.2.

.. math::
    L_D &= \tfrac12 \mathbb{E}(D(x) - 1)^2 + \tfrac12 \mathbb{E}(D(G(z)) + 1)^2 \\
    L_G &= \tfrac12 \mathbb{E} D(G(z))^2

With these labels the game minimises a Pearson :math:`\chi^2` divergence, and a logit above 0 says real, as with the
other losses. The generator makes the discriminator undecided, not wrong.
"""

from torch import Tensor

from aeaug.gan.losses.loss import Loss

__all__ = ["least_squares"]


def _discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return (real_logits - 1).square().mean() / 2 + (fake_logits + 1).square().mean() / 2


def _generator_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    return fake_logits.square().mean() / 2


least_squares = Loss(_discriminator_loss, _generator_loss)
