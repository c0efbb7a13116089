"""gaussian: z′ = z + γ σ ⊙ ε, ε ~ N(0, I).

σ_d is the standard deviation of dimension d over the codes of the training subset (DeVries & Taylor 2017,
arXiv:1702.05538, section 3).
"""

from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, NonNegativeFloat
from torch import Tensor

from aeaug.perturbation.codes import LatentCodes

__all__ = ["Gaussian", "gaussian"]


def gaussian(z: Tensor, sigma: Tensor, gamma: float, generator: torch.Generator) -> Tensor:
    """Return ``z: (M, D)`` with noise of standard deviation γ σ_d, ``sigma: (D,)``, ``gamma`` ≥ 0."""
    noise = torch.randn(z.shape, generator=generator, device=z.device, dtype=z.dtype)
    return z + gamma * sigma * noise


class Gaussian(BaseModel):
    """``perturbation=gaussian``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["gaussian"]
    gamma: NonNegativeFloat

    def __call__(self, codes: LatentCodes, index: Tensor, generator: torch.Generator) -> Tensor:
        """Return perturbed codes ``(M, D)`` for ``index: (M,)``."""
        return gaussian(codes.z[index], codes.sigma, self.gamma, generator)
