"""chain: z′ = p_n(… p_2(p_1(z))), several perturbations one after another.

Each is given what the one before made of a code, which is then no training code any more; the deviations of a
variational encoder stay those of the image.
"""

from typing import Annotated, Any, Literal

import torch
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from torch import Tensor
from typing_extensions import override

from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.density import Density
from aeaug.perturbation.difference import Difference
from aeaug.perturbation.dropout import Dropout
from aeaug.perturbation.extrapolate import Extrapolate
from aeaug.perturbation.gaussian import Gaussian
from aeaug.perturbation.hard import Hard
from aeaug.perturbation.interpolate import Interpolate
from aeaug.perturbation.mixup import Mixup
from aeaug.perturbation.perturbation import Perturbation
from aeaug.perturbation.posterior import Posterior
from aeaug.perturbation.uniform import Uniform

__all__ = ["Chain", "Link"]

Link = Annotated[
    Gaussian | Uniform | Interpolate | Extrapolate | Difference | Mixup | Dropout | Posterior | Density | Hard,
    Field(discriminator="name"),
]


class Chain(Perturbation):
    """``perturbation=chain``. ``name="chain"``; ``links``: two to eight in their order, each with its name and
    options."""

    name: Literal["chain"]
    links: tuple[Link, ...]

    @field_validator("links", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        if isinstance(value, list | tuple) and not 2 <= len(value) <= 8:
            raise PydanticCustomError("links", "a chain has two to eight links")
        return value

    @override
    def parts(self) -> tuple[Perturbation, ...]:
        return self.links

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        for link in self.links:
            of = Encoded(link.moved(of, codes, generator), None, of.deviation)
        return of.z
