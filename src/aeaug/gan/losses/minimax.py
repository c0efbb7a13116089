r"""minimax: Goodfellow et al. 2014 (arXiv:1406.2661), equation 1.

With :math:`\ell = D(x)`, :math:`-\log \sigma(\ell) = \mathrm{softplus}(-\ell)` and
:math:`-\log(1 - \sigma(\ell)) = \mathrm{softplus}(\ell)`,

.. math::
    L_D &= \mathbb{E}\,\mathrm{softplus}(-D(x)) + \mathbb{E}\,\mathrm{softplus}(D(G(z))) \\
    L_G &= -\mathbb{E}\,\mathrm{softplus}(D(G(z)))

:math:`L_D` is 2 ln 2 where the discriminator cannot tell. Where it is sure of a fake (:math:`D \to -\infty`), the
generator's gradient with respect to the logit, :math:`-\sigma(D)`, vanishes.
"""

from torch import Tensor
from torch.nn.functional import softplus

from aeaug.gan.losses.loss import Loss

__all__ = ["cross_entropy", "minimax"]


def cross_entropy(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """L_D of ``real_logits (B,)`` and ``fake_logits (C,)``: a scalar in [0, ∞)."""
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def _generator_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    return -softplus(fake_logits).mean()


minimax = Loss(cross_entropy, _generator_loss)
