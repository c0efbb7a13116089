"""uniform: z′ = z + γ σ ⊙ (2u − 1)√3, u ~ U(0, 1): noise of gaussian's variance in a box.

σ_d is the standard deviation of dimension d over the codes of the training subset. No code moves by more than √3 γ σ_d,
where a Gaussian has no bound.
"""

import math
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.options import Number
from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["Uniform", "uniform"]


def uniform(z: Tensor, sigma: Tensor, gamma: float, generator: torch.Generator) -> Tensor:
    """Return ``z: (M, D)`` with uniform noise of standard deviation γ σ_d, ``sigma: (D,)``, ``gamma`` ≥ 0."""
    u = torch.rand(z.shape, generator=generator, device=z.device, dtype=z.dtype)
    return z + gamma * sigma * (2 * u - 1) * math.sqrt(3)


class Uniform(Perturbation):
    """``perturbation=uniform``. ``name="uniform"``; ``gamma``: γ, in [0.001, 10]."""

    name: Literal["uniform"]
    gamma: Number = Field(ge=0.001, le=10)

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        return uniform(of.z, codes.sigma, self.gamma, generator)
