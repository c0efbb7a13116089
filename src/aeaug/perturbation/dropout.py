"""dropout: z′_d = mean_d with probability q, else z_d, each dimension by itself.

mean_d is the mean of dimension d over the codes of the training subset: a dropped dimension then tells nothing of the
image, while 0 would where codes are not centred (after Srivastava et al. 2014). Nothing is scaled up: the decoder was
trained on whole codes.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.options import Number
from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["Dropout", "dropout"]


def dropout(z: Tensor, mean: Tensor, rate: float, generator: torch.Generator) -> Tensor:
    """Return ``z: (M, D)``, each entry replaced by that of ``mean: (D,)`` with probability ``rate`` in [0, 1]."""
    dropped = torch.rand(z.shape, generator=generator, device=z.device, dtype=z.dtype) < rate
    return torch.where(dropped, mean, z)


class Dropout(Perturbation):
    """``perturbation=dropout``. ``name="dropout"``; ``rate``: q, in [0.001, 1)."""

    name: Literal["dropout"]
    rate: Number = Field(ge=0.001, lt=1)

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        return dropout(of.z, codes.mean, self.rate, generator)
