"""blur: a Gaussian over pixels, as wide as it takes to change an image by as much as decoding does."""

from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad
from typing_extensions import override

from aeaug.augmentation.sources.changed import Change

__all__ = ["Blur", "blurred"]


def blurred(images: Tensor, sigma: float) -> Tensor:
    """Return ``images: (B, C, H, W)`` in [-1, 1], smoothed by a Gaussian of ``sigma`` pixels that is cut half an image
    away from its middle; beyond an image is background."""
    radius = max(images.shape[2:]) // 2
    offsets = torch.arange(-radius, radius + 1, device=images.device, dtype=images.dtype)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    padded = pad(images.flatten(0, 1).unsqueeze(1), [radius] * 4, value=-1.0)  # each channel by itself
    return conv2d(conv2d(padded, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1)).view(images.shape)


class Blur(Change):
    """``source=blur``; the strength is σ, in pixels."""

    name: Literal["blur"]
    strongest: ClassVar[float] = 10.0

    @override
    def changed(self, images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
        return blurred(images, max(strength, 1e-3))
