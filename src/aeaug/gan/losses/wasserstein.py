r"""wasserstein: Arjovsky et al. 2017 (arXiv:1701.07875), equation 2 and theorem 3.

.. math::
    L_D &= \mathbb{E} D(G(z)) - \mathbb{E} D(x) \\
    L_G &= -\mathbb{E} D(G(z))

:math:`-L_D` is a distance between distributions where D has a Lipschitz constant of 1, and has no bound where nothing
holds it: ``gan/penalty=gradient`` does (Gulrajani et al. 2017, arXiv:1704.00028). A constant added to D changes
nothing, so a logit's sign says nothing.
"""

from torch import Tensor

from aeaug.gan.losses.loss import Loss

__all__ = ["wasserstein"]


def _discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return fake_logits.mean() - real_logits.mean()


def _generator_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    return -fake_logits.mean()


wasserstein = Loss(_discriminator_loss, _generator_loss, zero_decides=False)
