"""extrapolate: z′ = z + λ (z − z_k), with z_k one of z's K nearest neighbours, drawn uniformly.

DeVries & Taylor 2017, arXiv:1702.05538, section 3, with λ = 0.5: away from the neighbour, so that codes may leave the
hull of the training codes, where interpolate stays inside.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.options import Integer, Number
from aeaug.perturbation.codes import LatentCodes
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["Extrapolate", "extrapolate"]


def extrapolate(z: Tensor, neighbour: Tensor, weight: float) -> Tensor:
    """Return the point beyond ``z: (M, D)``, seen from ``neighbour: (M, D)``, by ``weight`` λ ≥ 0 of their distance."""
    return z + weight * (z - neighbour)


class Extrapolate(Perturbation):
    """``perturbation=extrapolate``."""

    name: Literal["extrapolate"]
    neighbours: Integer = Field(ge=1, le=1000)
    weight: Number = Field(ge=0.001, le=10)

    @override
    def moved(self, z: Tensor, codes: LatentCodes, generator: torch.Generator, own: Tensor | None = None) -> Tensor:
        return extrapolate(z, codes.near(z, self.neighbours, generator, own), self.weight)
