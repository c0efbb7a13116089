"""difference: z′ = z + λ (z_i − z_j), with two training codes i ≠ j drawn uniformly.

Directions come from the data, wherever the code lies: the difference transform of MODALS (Cheung & Yeung, ICLR 2021),
which takes both from the code's own class (``within=class``); without labels they are any two. z_i − z_j has mean 0 and
twice the covariance of the codes, so a code moves by λ √2 σ_d in dimension d, with their correlations.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.options import Number
from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.perturbation import Perturbation, Within

__all__ = ["Difference", "difference"]


def difference(z: Tensor, codes: Tensor, weight: float, generator: torch.Generator) -> Tensor:
    """Return ``z: (M, D)`` moved by ``weight`` λ times the difference of two distinct rows of ``codes: (N, D)``, N ≥ 2,
    another two for every row of ``z``."""
    n = len(codes)
    first = torch.randint(n, (len(z),), generator=generator, device=z.device)
    other = torch.randint(n - 1, (len(z),), generator=generator, device=z.device)
    return z + weight * (codes[first] - codes[other + (other >= first)])


class Difference(Perturbation):
    """``perturbation=difference``. ``name="difference"``; ``weight``: λ, in [0.001, 10]; ``within``: ``subset`` or
    ``class``, of which two other codes are taken."""

    name: Literal["difference"]
    weight: Number = Field(ge=0.001, le=10)
    within: Within = "subset"

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        if self.within == "class":
            if of.own is None:
                raise ValueError("perturbation.within=class: nobody knows the class of other images")
            first, second = codes.two_of_class(of.own, generator)
            return of.z + self.weight * (first - second)
        return difference(of.z, codes.z, self.weight, generator)
