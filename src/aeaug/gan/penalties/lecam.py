r"""lecam: logits are held near what the discriminator has said of the other kind of images until now.

Tseng et al. 2021 (arXiv:2104.03310, section 3):

.. math:: \lambda (\mathbb{E}(D(x) - \alpha_F)^2 + \mathbb{E}(D(G(z)) - \alpha_R)^2),

:math:`\alpha_R` and :math:`\alpha_F` moving averages of the mean logits of real and of generated images,
:math:`\alpha \leftarrow d \alpha + (1 - d) \ell`, that begin at those of the first step. With the Wasserstein loss it
minimises a LeCam divergence. The authors' code has :math:`\max(0, \cdot)` within the squares; the paper does not, and
neither does this.
"""

from collections.abc import Sequence

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.gan.penalties.penalty import Penalty, State
from aeaug.gan.seen import Seen
from aeaug.options import Number

__all__ = ["LeCam", "lecam_penalty"]


def lecam_penalty(real_logits: Tensor, fake_logits: Tensor, real_average: Tensor, fake_average: Tensor) -> Tensor:
    """Return the term for λ = 1, in [0, ∞), of logits ``(B,)`` and ``(C,)`` and the two averages, scalars."""
    return (real_logits - fake_average).square().mean() + (fake_logits - real_average).square().mean()


class LeCam(Penalty):
    """``gan/penalty=lecam``."""

    weight: Number = Field(gt=0, le=1e6)
    decay: Number = Field(ge=0, lt=1)

    @override
    def __call__(self, seen: Seen, more_logits: Sequence[Tensor], state: State) -> Tensor:
        now = seen.mean(torch.stack([seen.real_logits.detach().mean(), seen.fake_logits.detach().mean()]))
        averages = state.get("averages", now).to(now)
        state["averages"] = averages = torch.lerp(now, averages, self.decay)
        return self.weight * lecam_penalty(seen.real_logits, seen.fake_logits, *averages)
