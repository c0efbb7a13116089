"""From images in [-1, 1] to the bytes of files: the nearest of 256 greys. Of bytes they are those bytes again."""

import torch
from torch import Tensor

__all__ = ["to_bytes"]


def to_bytes(images: Tensor) -> Tensor:
    """Convert ``images: (N, C, H, W)`` in [-1, 1] to ``(N, C, H, W)`` uint8, of one channel ``(N, H, W)``, on their
    device: the inverse of :func:`aeaug.data.images.to_float`."""
    return images.detach().squeeze(1).add(1).mul(255 / 2).round().clamp(0, 255).to(torch.uint8)
