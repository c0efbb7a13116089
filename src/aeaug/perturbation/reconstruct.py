"""reconstruct: z′ = z. The control: what the article's listing does while its text speaks of perturbation."""

from typing import Literal

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.perturbation.codes import Encoded, LatentCodes
from aeaug.perturbation.perturbation import Perturbation

__all__ = ["Reconstruct"]


class Reconstruct(Perturbation):
    """``perturbation=reconstruct``. ``name="reconstruct"``, and nothing else."""

    name: Literal["reconstruct"]

    @override
    def moved(self, of: Encoded, codes: LatentCodes, generator: torch.Generator) -> Tensor:
        return of.z
