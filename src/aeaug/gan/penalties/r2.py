r"""r2: the discriminator's gradient at generated images.

Mescheder et al. 2018 (arXiv:1801.04406), equation 10, one half of R3GAN's regularisation (Huang et al. 2024,
arXiv:2501.05441):

.. math:: R_2 = \frac{\gamma}{2} \mathbb{E}_z \|\nabla_x D(G(z))\|^2 .
"""

from collections.abc import Sequence

from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.gan.penalties.penalty import Penalty, State
from aeaug.gan.penalties.r1 import r1_penalty
from aeaug.gan.seen import Seen
from aeaug.options import Number

__all__ = ["R2"]


class R2(Penalty):
    """``gan/penalty=r2``."""

    gamma: Number = Field(gt=0, le=1e6)

    @override
    def __call__(self, seen: Seen, more_logits: Sequence[Tensor], state: State) -> Tensor:
        return r1_penalty(seen.discriminator, seen.fake, self.gamma)
