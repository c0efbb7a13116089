"""interpolate: z′ = z + λ (z_k − z), with z_k one of z's K nearest neighbours, drawn uniformly, and λ ~ U(0, 1).

SMOTE's rule (Chawla et al. 2002) in latent space, as in DeepSMOTE (Dablain et al. 2021); DeVries & Taylor 2017 use a
fixed λ = 0.5 and K = 10. DeepSMOTE's neighbours, and theirs, are of the image's own class: ``within=class``.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.options import Integer
from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.perturbation import Perturbation, Within

__all__ = ["Interpolate", "interpolate"]


def interpolate(z: Tensor, neighbour: Tensor, generator: torch.Generator) -> Tensor:
    """Return a uniformly random point on each segment from ``z: (M, D)`` to ``neighbour: (M, D)``."""
    weight = torch.rand(len(z), 1, generator=generator, device=z.device, dtype=z.dtype)
    return z + weight * (neighbour - z)


class Interpolate(Perturbation):
    """``perturbation=interpolate``. ``name="interpolate"``; ``neighbours``: K, 1 to 1,000; ``within``: ``subset`` or
    ``class``, of which neighbours are."""

    name: Literal["interpolate"]
    neighbours: Integer = Field(ge=1, le=1000)
    within: Within = "subset"

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        return interpolate(
            of.z, codes.near(of, self.neighbours, generator, same_class=self.within == "class"), generator
        )
