"""The two forms of an image: stored uint8 (N, 28, 28) in [0, 255], and float32 (N, 1, 28, 28) in [-1, 1]."""

from torch import Tensor

__all__ = ["to_float"]


def to_float(images: Tensor) -> Tensor:
    """Convert ``images: (N, 28, 28)`` uint8 to ``(N, 1, 28, 28)`` float32 in [-1, 1]."""
    return images.unsqueeze(1).float().mul_(2 / 255).sub_(1)
