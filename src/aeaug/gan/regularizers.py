r"""Gradient penalties on the discriminator.

R1 of Mescheder et al. 2018 (arXiv:1801.04406, equation 9), on real images only:

.. math:: R_1 = \frac{\gamma}{2} \mathbb{E}_x \|\nabla_x D(x)\|^2 .

Applied lazily, every k-th discriminator step, it is multiplied by k (Karras et al. 2020, arXiv:1912.04958,
appendix B).
The norm is a sum over pixels: a γ that suits 784 pixels is smaller than one that suits a megapixel.
"""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["r1_penalty"]


def r1_penalty(discriminator: Callable[[Tensor], Tensor], real: Tensor, gamma: float) -> Tensor:
    """R1 as a scalar in [0, ∞), differentiable with respect to the discriminator's parameters.

    Args:
        discriminator: ``(B, 1, 28, 28) -> logits (B,)``, each logit a function of its own image.
        real: images ``(B, 1, 28, 28)``; no gradient flows to where they came from.
        gamma: γ >= 0.
    """
    real = real.detach().requires_grad_(True)
    # Each logit depends on its own image only, so the gradient of the sum holds every image's gradient.
    (gradient,) = torch.autograd.grad(discriminator(real).sum(), real, create_graph=True)
    return gamma / 2 * gradient.square().flatten(1).sum(1).mean()
