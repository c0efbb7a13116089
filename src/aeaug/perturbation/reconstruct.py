"""reconstruct: z′ = z. The control: what the article's listing does while its text speaks of perturbation."""

from typing import Literal

import torch
from torch import Tensor

from aeaug.options import Options
from aeaug.perturbation.codes import LatentCodes

__all__ = ["Reconstruct"]


class Reconstruct(Options):
    """``perturbation=reconstruct``."""

    name: Literal["reconstruct"]

    def __call__(self, codes: LatentCodes, index: Tensor, generator: torch.Generator) -> Tensor:
        """Return the codes ``(M, D)`` of ``index: (M,)`` as they are."""
        return codes.z[index]
