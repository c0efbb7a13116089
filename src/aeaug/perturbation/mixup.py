"""mixup: z′ = λ z + (1 − λ) z_π, λ ~ Beta(α, α), π another training code, drawn uniformly.

Zhang et al. 2018, arXiv:1710.09412, on codes instead of images, with α = 0.4: most λ lie near 0 or 1, so most new codes
near one of the two. Without labels, of which mixup has the mixture, a code between two classes stands for neither.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.options import Number
from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["Mixup", "mixup"]


def mixup(z: Tensor, other: Tensor, alpha: float, generator: torch.Generator) -> Tensor:
    """Return a point on each segment between ``other: (M, D)``, λ = 0, and ``z: (M, D)``, λ = 1, λ ~ Beta(``alpha``,
    ``alpha``): one draw a row, through the inverse of the distribution function."""
    from scipy.special import betaincinv  # not needed to read options, where every perturbation is imported

    u = torch.rand(len(z), 1, generator=generator, device=z.device, dtype=torch.float64)
    weight = torch.from_numpy(betaincinv(alpha, alpha, u.cpu().numpy())).to(z)
    return other + weight * (z - other)


class Mixup(Perturbation):
    """``perturbation=mixup``. ``name="mixup"``; ``alpha``: α, in [0.01, 100]."""

    name: Literal["mixup"]
    alpha: Number = Field(ge=0.01, le=100)

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        return mixup(of.z, codes.other(len(of.z), generator, of.own), self.alpha, generator)
