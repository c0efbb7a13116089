"""What everything is that replaces images that stand for real ones."""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

__all__ = ["Generate", "Pseudo"]

Generate = Callable[[], Tensor]
"""Fresh images ``(B, C, H, W)`` of the generator as it is, without a gradient: a batch of them."""


class Pseudo(Protocol):
    """It replaces some images of a batch."""

    def __call__(
        self, images: Tensor, generate: Generate, generator: torch.Generator, shown: int
    ) -> tuple[Tensor, Tensor] | None:
        """Return the batch ``(B, C, H, W)`` and which of its images were replaced ``(B,)``, bool, for ``images: (B,
        C, H, W)`` after so many were ``shown``; None where none can be."""
        ...
