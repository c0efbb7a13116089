"""noise: Gaussian noise of every pixel, clipped to [-1, 1], by as much as decoding changes an image."""

from typing import ClassVar, Literal

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.sources.changed import Change

__all__ = ["Noise"]


class Noise(Change):
    """``source=noise``; the strength is a standard deviation, of intensities in [-1, 1]."""

    name: Literal["noise"]
    strongest: ClassVar[float] = 10.0

    @override
    def changed(self, images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
        noise = torch.randn(images.shape, generator=generator, device=images.device)
        return (images + strength * noise).clamp(-1, 1)
