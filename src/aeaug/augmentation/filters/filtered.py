"""A source of which only what a rule accepts is shown."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.sources.source import Source
from aeaug.data.loader import Made

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.gan.snapshot import Snapshot

__all__ = ["FilteredSource"]


class FilteredSource(Source):
    """What ``source`` makes and ``accepts(images, indices)`` says yes to: what was rejected is drawn again, all in all
    up to ``tries`` times, and where nothing was accepted the training image itself stands.

    The first draws are those of ``source`` without a rule, the others go on from there: where everything is accepted,
    images are the same to the bit.
    """

    def __init__(
        self,
        source: Source,
        accepts: Callable[[Tensor, Tensor], Tensor],
        tries: int,
        identity: Mapping[str, Any],
        snapshot: "Snapshot | None" = None,
    ) -> None:
        """``identity``: of the rule; ``snapshot``: what it asks, if it does."""
        self.images, self.source, self.accepts, self.tries = source.images, source, accepts, tries
        self.snapshot = source.snapshot or snapshot
        self._rule, self._asked = identity, snapshot

    @torch.no_grad()
    def made(self, indices: Tensor, generator: torch.Generator) -> Made:
        """The images for ``indices: (M,)``, and which of them are no real ones."""
        images = self.source(indices, generator)
        accepted, drawn = self.accepts(images, indices), len(indices)
        for _ in range(self.tries - 1):
            left = (~accepted).nonzero().squeeze(1)
            if not len(left):
                break
            again = self.source(indices[left], generator)
            good = self.accepts(again, indices[left])
            images = images.index_copy(0, left[good], again[good])
            accepted = accepted.index_copy(0, left, good)
            drawn += len(left)
        shown = torch.where(accepted.view(-1, 1, 1, 1), images, self.real(indices))
        return Made(shown, accepted, drawn)

    @override
    def __call__(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        return self.made(indices, generator).images

    @property
    @override
    def identity(self) -> Mapping[str, Any]:
        asked = {} if self._asked is None else {"asked": self._asked.identity}
        return {**self.source.identity, **self._rule, **asked}
