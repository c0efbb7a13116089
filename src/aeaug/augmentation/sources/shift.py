"""shift: moved in a random direction, as far as it takes to change an image by as much as decoding does."""

import math
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample
from typing_extensions import override

from aeaug.augmentation.sources.changed import Change

__all__ = ["Shift", "shifted"]


def shifted(images: Tensor, by: Tensor) -> Tensor:
    """Return ``images: (B, C, H, W)`` in [-1, 1], moved right and down by ``by: (B, 2)`` pixels, fractions of them by
    bilinear interpolation; what comes in is background."""
    if not len(images):  # of none, torch makes no grid
        return images
    height, width = images.shape[2:]
    transform = torch.eye(2, 3, device=images.device).repeat(len(images), 1, 1)
    transform[:, :, 2] = -2 * by / torch.tensor([width, height], device=images.device)
    grid = affine_grid(transform, list(images.shape), align_corners=False)
    return grid_sample(images + 1, grid, mode="bilinear", padding_mode="zeros", align_corners=False) - 1


class Shift(Change):
    """``source=shift``; the strength is the distance, in pixels, the direction uniform."""

    name: Literal["shift"]
    strongest: ClassVar[float] = 10.0  # farther, a digit leaves the image, and black images differ less

    @override
    def changed(self, images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
        angle = 2 * math.pi * torch.rand(len(images), generator=generator, device=images.device)
        return shifted(images, strength * torch.stack([angle.cos(), angle.sin()], 1))
