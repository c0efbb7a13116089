"""density: z′ ~ Σ_k π_k N(μ_k, Σ_k), a mixture of K Gaussians fitted to the codes of the training subset.

It forgets the code that it is asked about: new codes lie wherever training codes do, and as densely. Ex-post density
estimation (Ghosh et al. 2020, arXiv:1903.12436), with K = 10 as there and in pythae's sampler, by scikit-learn's EM
with full covariances: of few codes they are close to singular, and new codes lie close to the plane through those.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.options import Integer
from aeaug.perturbation.codes import Encoded, LatentCodes, Mixture
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["Density", "density"]


def density(mixture: Mixture, count: int, generator: torch.Generator) -> Tensor:
    """Return ``count`` draws ``(count, D)`` from ``mixture``."""
    component = torch.multinomial(mixture.weights, count, replacement=True, generator=generator)
    noise = torch.randn(
        count, mixture.means.shape[1], generator=generator, device=component.device, dtype=mixture.means.dtype
    )
    return mixture.means[component] + torch.einsum("mij,mj->mi", mixture.roots[component], noise)


class Density(Perturbation):
    """``perturbation=density``. ``name="density"``; ``components``: K, 1 to 1,000, at most one a training code."""

    forgets = True

    name: Literal["density"]
    components: Integer = Field(ge=1, le=1000)

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        """New codes ``(M, D)``, as many as ``of`` has, whatever they are."""
        return density(codes.mixture(self.components), len(of.z), generator) if len(of.z) else of.z
