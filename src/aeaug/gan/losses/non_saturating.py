r"""non_saturating: Goodfellow et al. 2014 (arXiv:1406.2661), section 3.

The discriminator's loss is that of :mod:`aeaug.gan.losses.minimax`; the generator's

.. math:: L_G = \mathbb{E}\,\mathrm{softplus}(-D(G(z)))

has a gradient with respect to the logit, :math:`-\sigma(-D)`, that goes to -1 where the discriminator is sure of a
fake.
"""

from torch import Tensor
from torch.nn.functional import softplus

from aeaug.gan.losses.loss import Loss
from aeaug.gan.losses.minimax import cross_entropy

__all__ = ["non_saturating"]


def _generator_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    return softplus(-fake_logits).mean()


non_saturating = Loss(cross_entropy, _generator_loss)
