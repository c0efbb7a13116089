"""What every perturbation is: options, and a pure function of codes, of what is known of the training codes, and of a
generator."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from aeaug.options import Options
from aeaug.perturbation.codes import LatentCodes

__all__ = ["Perturbation"]


class Perturbation(Options, ABC):
    """z → z′, for training codes by their index and for any others."""

    @abstractmethod
    def moved(self, z: Tensor, codes: LatentCodes, generator: torch.Generator, own: Tensor | None = None) -> Tensor:
        """Return perturbed codes ``(M, D)`` for ``z: (M, D)``; gradients pass where z′ depends on z.

        ``own: (M,)``: where ``z`` are training codes, which; a code is no neighbour of its own.
        """

    def __call__(self, codes: LatentCodes, index: Tensor, generator: torch.Generator) -> Tensor:
        """Return perturbed codes ``(M, D)`` for the training codes ``index: (M,)``."""
        return self.moved(codes.z[index], codes, generator, index)
