"""From images in [-1, 1] to the bytes of files: the nearest of 256 greys. Of bytes they are those bytes again."""

import torch
from torch import Tensor

__all__ = ["to_bytes"]


def to_bytes(images: Tensor) -> Tensor:
    """Convert ``images: (N, 1, 28, 28)`` in [-1, 1] to ``(N, 28, 28)`` uint8, on their device."""
    return images.detach().squeeze(1).add(1).mul(255 / 2).round().clamp(0, 255).to(torch.uint8)
