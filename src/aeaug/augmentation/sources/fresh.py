"""fresh: another real image, of those beyond the subset that no net has seen, drawn uniformly.

The upper bound: what synthetic images could do at most, if they were real. An arm with it breaks on purpose the rule
that an arm uses its subset alone.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.sources.options import SourceOptions
from aeaug.augmentation.sources.source import Source
from aeaug.data.images import to_float
from aeaug.data.subset import fingerprint

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource

__all__ = ["Fresh", "FreshSource"]


class FreshSource(Source):
    """Images of ``fresh: (K, H, W)`` or ``(K, C, H, W)`` uint8, in place of ``images``; K ≥ 1, else ``ValueError``."""

    def __init__(self, images: Tensor, fresh: Tensor) -> None:
        if not len(fresh):
            raise ValueError("source=fresh: there are no real images beyond the training subset")
        self.images, self.fresh = images, fresh.to(images.device)

    @override
    def __call__(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        drawn = torch.randint(len(self.fresh), indices.shape, generator=generator, device=self.device)
        return to_float(self.fresh[drawn])

    @property
    @override
    def identity(self) -> Mapping[str, Any]:
        return {"source": "fresh", "of": fingerprint(self.fresh.cpu())}


class Fresh(SourceOptions):
    """``source=fresh``."""

    decodes, beyond = False, True

    name: Literal["fresh"]

    @override
    def of(self, decoded: "DecodedSource", fresh: Tensor) -> Source:
        return FreshSource(decoded.images, fresh)
