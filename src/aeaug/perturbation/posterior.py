"""posterior: z′ = μ(x) + τ σ(x) ⊙ ε, ε ~ N(0, I), a draw from what a variational encoder says of the image.

Kingma & Welling 2014, arXiv:1312.6114: with τ = 1 what its decoder was trained on. σ(x) is the image's own, where
gaussian has one for all: small where the code matters to the decoder, near 1 in dimensions that it does not use.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.options import Number
from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.gaussian import gaussian
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["Posterior", "posterior"]


def posterior(mean: Tensor, deviation: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    """Return ``mean: (M, D)`` with noise of standard deviation ``temperature`` τ ≥ 0 times ``deviation: (M, D)``."""
    return gaussian(mean, deviation, temperature, generator)


class Posterior(Perturbation):
    """``perturbation=posterior``, of a variational autoencoder. ``name="posterior"``; ``temperature``: τ, in [0.001,
    10]."""

    of_deviations = True

    name: Literal["posterior"]
    temperature: Number = Field(ge=0.001, le=10)

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        if of.deviation is None:
            raise ValueError("perturbation=posterior: it needs the deviations of a variational autoencoder's codes")
        return posterior(of.z, of.deviation, self.temperature, generator)
