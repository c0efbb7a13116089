"""The two forms of an image: stored uint8 in [0, 255], grey (N, H, W) or in colour (N, C, H, W), and float32
(N, C, H, W) in [-1, 1]."""

from torch import Tensor

__all__ = ["Shape", "quarters", "shape_of", "to_float"]

Shape = tuple[int, int, int]
"""Channels, height and width of an image: (C, H, W)."""


def shape_of(stored: Tensor) -> Shape:
    """(C, H, W) of an image of ``stored: (N, H, W)`` or ``(N, C, H, W)`` uint8."""
    channels, height, width = stored.shape[1:] if stored.ndim == 4 else (1, *stored.shape[1:])
    return channels, height, width


def to_float(images: Tensor) -> Tensor:
    """Convert ``images: (N, H, W)`` or ``(N, C, H, W)`` uint8 to ``(N, C, H, W)`` float32 in [-1, 1]; the former have
    one channel."""
    return (images.unsqueeze(1) if images.ndim == 3 else images).float().mul_(2 / 255).sub_(1)


def quarters(shape: Shape) -> Shape:
    """Return the channels of images of ``shape``, and a quarter of their height and width: where two convolutions that
    halve the side lead.

    Raises ``ValueError`` where these are no whole numbers.
    """
    channels, height, width = shape
    if height % 4 or width % 4:
        raise ValueError(f"images have {height}×{width} pixels, and its convolutions need multiples of 4")
    return channels, height // 4, width // 4
