r"""relativistic: a real image is to look more real than a fake, pair by pair.

Jolicoeur-Martineau 2018 (arXiv:1807.00734) with the softplus of Huang et al. 2024 (R3GAN, arXiv:2501.05441):

.. math::
    L_D &= \mathbb{E}\,\mathrm{softplus}(D(G(z)) - D(x)) \\
    L_G &= \mathbb{E}\,\mathrm{softplus}(D(x) - D(G(z)))

Coupling the two rids the landscape of the basins in which modes are dropped; R3GAN adds R1 and R2, without which the
game need not converge: ``gan/penalty=r2`` beside ``gan.r1_gamma``. A constant added to D changes nothing, so a logit's
sign says nothing.
"""

from torch import Tensor
from torch.nn.functional import softplus

from aeaug.gan.losses.loss import Loss

__all__ = ["relativistic"]


def _discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return softplus(fake_logits - real_logits).mean()


def _generator_loss(fake_logits: Tensor, real_logits: Tensor | None) -> Tensor:
    assert real_logits is not None
    return softplus(real_logits - fake_logits).mean()


relativistic = Loss(_discriminator_loss, _generator_loss, pairs=True, zero_decides=False)
