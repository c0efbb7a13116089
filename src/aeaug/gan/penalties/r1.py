r"""r1: the discriminator's gradient at the images that it takes for real.

Mescheder et al. 2018 (arXiv:1801.04406), equation 9:

.. math:: R_1 = \frac{\gamma}{2} \mathbb{E}_x \|\nabla_x D(x)\|^2 .

Applied lazily, every k-th discriminator step, it is multiplied by k (Karras et al. 2020, arXiv:1912.04958,
appendix B).
The norm is a sum over pixels: a γ that suits hundreds of pixels is smaller than one that suits a megapixel. x is the
image as the discriminator sees it, after views (gan/view): those of StyleGAN2-ADA's code take the gradient before them,
where what a view erases or moves out of the picture counts nothing. With the same γ this is the stronger penalty.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.gan.penalties.penalty import Penalty, State
from aeaug.gan.seen import Discriminator, Seen
from aeaug.options import Number

__all__ = ["R1", "r1_penalty", "squared_gradients"]

FEWEST = 1e-3
"""Images a process: less than one of a thousand processes has, so that none at all is divided by something."""


def squared_gradients(discriminator: Discriminator, images: Tensor) -> Tensor:
    """Return ‖∇D(x)‖² ``(B,)`` at ``images: (B, C, H, W)``, differentiable with respect to the discriminator's
    parameters; no gradient flows to where the images came from."""
    images = images.detach().requires_grad_(True)
    # Each logit depends on its own image only, so the gradient of the sum holds every image's gradient.
    (gradient,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
    return gradient.square().flatten(1).sum(1)


def r1_penalty(
    discriminator: Discriminator,
    real: Tensor,
    gamma: float,
    counted: Tensor | None = None,
    mean: Callable[[Tensor], Tensor] = lambda here: here,
) -> Tensor:
    """R1 as a scalar in [0, ∞), differentiable with respect to the discriminator's parameters.

    Args:
        discriminator: ``(B, C, H, W) -> logits (B,)``, each logit a function of its own image.
        real: images ``(B, C, H, W)``; no gradient flows to where they came from.
        gamma: γ >= 0.
        counted: ``(B,)`` bool: those that the mean is over, 0 where there are none; None: all.
        mean: of a number over all processes, whose gradients are averaged: an image counts the same in each.
    """
    squares = squared_gradients(discriminator, real)
    if counted is None:
        return gamma / 2 * squares.mean()
    # No selection by index, whose size a GPU would have to be asked for.
    count = mean(counted.sum().float())
    return gamma / 2 * (squares * counted).sum() / count.clamp(min=FEWEST)


class R1(Penalty):
    """``gan.r1_gamma``, ``gan.r1_every`` and ``gan.r1_on``: all images that stand for real ones (``mixture``), or only
    those that are (``real``)."""

    gamma: Number = Field(ge=0, le=1e6)
    on: Literal["mixture", "real"] = "mixture"

    @override
    def __call__(self, seen: Seen, more_logits: Sequence[Tensor], state: State) -> Tensor:
        counted = None if self.on == "mixture" else ~seen.synthetic
        return r1_penalty(seen.discriminator, seen.real, self.gamma, counted, seen.mean)
