r"""hinge: Lim & Ye 2017 (arXiv:1705.02894), as Miyato et al. 2018 have it (arXiv:1802.05957, equations 16 and 17).

.. math::
    L_D &= \mathbb{E}\max(0, 1 - D(x)) + \mathbb{E}\max(0, 1 + D(G(z))) \\
    L_G &= -\mathbb{E} D(G(z))

Images beyond the margin, of which the discriminator is sure, have no part in its gradient.
"""

from torch import Tensor
from torch.nn.functional import relu

from aeaug.gan.losses.loss import Loss

__all__ = ["hinge"]


def _discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return relu(1 - real_logits).mean() + relu(1 + fake_logits).mean()


def _generator_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    return -fake_logits.mean()


hinge = Loss(_discriminator_loss, _generator_loss)
