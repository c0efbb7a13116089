"""gaussian: z′ = z + γ σ ⊙ ε, ε ~ N(0, I).

σ_d is the standard deviation of dimension d over the codes of the training subset (DeVries & Taylor 2017,
arXiv:1702.05538, section 3).
"""

from typing import Any, Literal

import torch
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from torch import Tensor
from typing_extensions import override

from aeaug.options import Number
from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["Gaussian", "gaussian"]


def gaussian(z: Tensor, sigma: Tensor, gamma: float, generator: torch.Generator) -> Tensor:
    """Return ``z: (M, D)`` with noise of standard deviation γ σ_d, ``sigma: (D,)`` or ``(M, D)``, ``gamma`` ≥ 0."""
    noise = torch.randn(z.shape, generator=generator, device=z.device, dtype=z.dtype)
    return z + gamma * sigma * noise


class Gaussian(Perturbation):
    """``perturbation=gaussian``. ``name="gaussian"``; ``gamma``: γ, in [0.001, 10]; γ = 0 is
    ``perturbation=reconstruct``."""

    name: Literal["gaussian"]
    gamma: Number = Field(ge=0.001, le=10)

    @field_validator("gamma", mode="before")
    @classmethod
    def _perturbs(cls, value: Any) -> Any:
        if value == 0:
            raise PydanticCustomError(
                "no_noise", "an arm is what it says, and without noise this is perturbation=reconstruct"
            )
        return value

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        return gaussian(of.z, codes.sigma, self.gamma, generator)
