"""none: every synthetic image is shown."""

from typing import TYPE_CHECKING, Literal

from typing_extensions import override

from aeaug.augmentation.filters.filter import Filter
from aeaug.augmentation.sources.source import Source

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource
    from aeaug.gan.snapshot import Snapshot

__all__ = ["NoFilter"]


class NoFilter(Filter):
    """``filter=none``."""

    name: Literal["none"]

    @override
    def of(self, source: Source, decoded: "DecodedSource", snapshot: "Snapshot | None", seed: int) -> Source:
        return source
