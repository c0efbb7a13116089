"""rounded: decoded images, rounded to the 256 levels that real images have, and their background black.

Real backgrounds are exactly -1, and decoded ones for the most part a little above: a discriminator can see that, and no
digit.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.sources.options import SourceOptions
from aeaug.augmentation.sources.source import Source
from aeaug.options import Integer

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource

__all__ = ["Rounded", "RoundedSource", "rounded"]


def rounded(images: Tensor, background: int) -> Tensor:
    """Return ``images: (B, C, H, W)`` in [-1, 1] at the nearest of 256 levels, those below ``background`` (of 255) at
    the lowest."""
    levels = ((images + 1) * 127.5).round()
    return torch.where(levels < background, 0, levels).mul(2 / 255).sub(1)


class RoundedSource(Source):
    """What ``decoded`` makes, rounded."""

    def __init__(self, decoded: "DecodedSource", background: int) -> None:
        self.images, self.decoded, self.background = decoded.images, decoded, background
        self.snapshot = decoded.snapshot

    @override
    def __call__(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        return rounded(self.decoded(indices, generator), self.background)

    @property
    @override
    def identity(self) -> Mapping[str, Any]:
        return {"source": "rounded", "background": self.background, **self.decoded.identity}


class Rounded(SourceOptions):
    """``source=rounded``. ``background``: levels, of 255, below which a pixel is background."""

    name: Literal["rounded"]
    background: Integer = Field(ge=0, le=255)

    @override
    def of(self, decoded: "DecodedSource", fresh: Tensor) -> Source:
        return RoundedSource(decoded, self.background)
