"""duplicates: the training image itself, once more. The control for an arm that only shows more of the same."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.sources.options import SourceOptions
from aeaug.augmentation.sources.source import Source

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource

__all__ = ["DuplicateSource", "Duplicates"]


class DuplicateSource(Source):
    """Copies of ``images: (N, H, W)`` or ``(N, C, H, W)`` uint8."""

    def __init__(self, images: Tensor) -> None:
        self.images = images

    @override
    def __call__(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        return self.real(indices)

    @property
    @override
    def identity(self) -> Mapping[str, Any]:
        return {"source": "duplicates"}


class Duplicates(SourceOptions):
    """``source=duplicates``."""

    decodes = False

    name: Literal["duplicates"]

    @override
    def of(self, decoded: "DecodedSource", fresh: Tensor) -> Source:
        return DuplicateSource(decoded.images)
