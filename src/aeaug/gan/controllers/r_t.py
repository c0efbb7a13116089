r"""r_t: how often the discriminator calls training images real, r_t = E sign D(x).

Karras et al. 2020 (arXiv:2006.06676, section 3): 0 where it does not overfit, 1 where it knows its images by heart.
Every four batches

.. math:: m \leftarrow \min(m_{\max}, \max(0, m + \operatorname{sign}(r_t - r^*) \, b / I)),

b the images shown since, I ``images``, those in which m goes from 0 to 1 (500,000 of 25 million there, a fiftieth; a
run's ``auto``: :mod:`aeaug.run.options.speed`), r* ``target``, and m_max ``most``. Their x are images as the
discriminator sees them, through every view; where others are injected among them, those do not count. (The probe's
reading of the same name is of raw training images.)
"""

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.gan.controllers.controller import Targeted
from aeaug.gan.seen import Seen
from aeaug.options import Integer, Number, Options

__all__ = ["FollowingRealSign", "RealSign", "real_sign"]


def real_sign(logits: Tensor, synthetic: Tensor) -> Tensor:
    """Return ``(2,)``: the sum of the signs of ``logits: (B,)`` where ``synthetic: (B,)`` bool is not, and how many
    these are; r_t is the quotient, in [-1, 1]."""
    real = ~synthetic
    return torch.stack([torch.where(real, logits.sign(), 0.0).sum(), real.sum().to(logits)])


class RealSign(Targeted):
    """``target``: r*; ``images``: I; ``most``: m_max."""

    @override
    def signal(self, seen: Seen) -> Tensor:
        return real_sign(seen.real_logits.detach(), seen.synthetic)


class FollowingRealSign(Options):
    """What has a probability p that follows r_t, from 0. ``target``: of r_t; ``images``: in which p would go from 0 to
    1; ``most``: the largest p."""

    target: Number = Field(gt=-1, lt=1)
    images: Integer = Field(ge=1, le=10**12)
    most: Number = Field(gt=0, lt=1)

    @property
    def controller(self) -> RealSign:
        """What p follows."""
        return RealSign(target=self.target, images=self.images, most=self.most)
