"""extrapolate: z′ = z + λ (z − z_k), with z_k one of z's K nearest neighbours, drawn uniformly.

DeVries & Taylor 2017, arXiv:1702.05538, section 3, with λ = 0.5: away from the neighbour, so that codes may leave the
hull of the training codes, where interpolate stays inside. Their neighbours are of the image's own class, which is
``within=class``.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.options import Integer, Number
from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.perturbation import Perturbation, Within

__all__ = ["Extrapolate", "extrapolate"]


def extrapolate(z: Tensor, neighbour: Tensor, weight: float) -> Tensor:
    """Return the point beyond ``z: (M, D)``, seen from ``neighbour: (M, D)``, by ``weight`` λ ≥ 0 of their distance."""
    return z + weight * (z - neighbour)


class Extrapolate(Perturbation):
    """``perturbation=extrapolate``. ``name="extrapolate"``; ``neighbours``: K, 1 to 1,000; ``weight``: λ, in [0.001,
    10]; ``within``: ``subset`` or ``class``, of which neighbours are."""

    name: Literal["extrapolate"]
    neighbours: Integer = Field(ge=1, le=1000)
    weight: Number = Field(ge=0.001, le=10)
    within: Within = "subset"

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        return extrapolate(
            of.z, codes.near(of, self.neighbours, generator, same_class=self.within == "class"), self.weight
        )
