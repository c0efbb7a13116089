"""What every filter is: a rule that accepts images, and options of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.filters.filtered import FilteredSource
from aeaug.augmentation.sources.source import Source
from aeaug.options import Integer, Options

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.augmentation.sources.decoded import DecodedSource
    from aeaug.gan.snapshot import Snapshot

__all__ = ["Filter", "Filtering", "Rule"]

Rule = Callable[[Tensor, Tensor], Tensor]
"""Images ``(M, C, H, W)`` in [-1, 1] made for the training images ``(M,)`` -> ``(M,)`` bool, each by itself."""


class Filter(Options, ABC):
    """``conf/filter``."""

    asks: ClassVar[bool] = False
    """Whether it asks the discriminator, so that there has to be a snapshot of it."""

    name: str

    @abstractmethod
    def of(self, source: Source, decoded: "DecodedSource", snapshot: "Snapshot | None", seed: int) -> Source:
        """Return what of ``source`` is shown. ``decoded``: that of the run's autoencoder and perturbation;
        ``snapshot``: of the discriminator, where the filter asks it; ``seed``: the run's."""


class Filtering(Filter, ABC):
    """One that rejects. ``tries``: how often an image is drawn at most, before the real one stands in its place."""

    tries: Integer = Field(ge=1, le=1000)

    @abstractmethod
    def rule(self, decoded: "DecodedSource", snapshot: "Snapshot | None", seed: int) -> Rule:
        """Return the rule, with what it knows of the training subset."""

    @override
    def of(self, source: Source, decoded: "DecodedSource", snapshot: "Snapshot | None", seed: int) -> Source:
        asked = snapshot if self.asks else None
        identity = {"filter": self.model_dump(mode="json"), "seed": seed}
        return FilteredSource(source, self.rule(decoded, asked, seed), self.tries, identity, asked)
