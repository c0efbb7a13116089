r"""r_t: how often the discriminator calls training images real, r_t = E sign D(x).

Karras et al. 2020 (arXiv:2006.06676, section 3.1): 0 where it does not overfit, 1 where it knows its images by heart.
Every four batches

.. math:: m \leftarrow \min(1, \max(0, m + \operatorname{sign}(r_t - r^*) \, b / I)),

b the images shown since, I ``images``, those in which m goes from 0 to 1 (500,000 of 25 million there, a fiftieth),
r* ``target``. Their x are images as the discriminator sees them, through every view; where others are injected among
them, those do not count.
"""

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.gan.controllers.controller import Controller
from aeaug.gan.seen import Seen
from aeaug.options import Integer, Number

__all__ = ["RealSign", "real_sign"]


def real_sign(logits: Tensor, synthetic: Tensor) -> Tensor:
    """Return r_t ∈ [-1, 1], the mean sign of ``logits: (B,)`` where ``synthetic: (B,)`` bool is not; NaN for none."""
    real = ~synthetic
    return torch.where(real, logits.sign(), 0.0).sum() / real.sum()


class RealSign(Controller):
    """``target``: r*; ``images``: I."""

    target: Number = Field(gt=-1, lt=1)
    images: Integer = Field(ge=1, le=10**12)

    @override
    def signal(self, seen: Seen) -> Tensor:
        return real_sign(seen.real_logits.detach(), seen.synthetic)

    @override
    def moved(self, rate: float, signal: float, images: int) -> float:
        step = images / self.images
        return min(1.0, max(0.0, rate + (step if signal > self.target else -step if signal < self.target else 0.0)))
