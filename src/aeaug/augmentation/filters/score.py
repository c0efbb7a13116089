r"""score: shown where the discriminator finds it no less real than a share of the training images.

Accepted is x with D(x) ≥ the q-quantile of D over the training subset, its first 2,000 images, D the discriminator as
it was when the epoch began (:mod:`aeaug.gan.snapshot`); in the first epoch that is an untrained one. A quantile follows
D whatever its loss and scale. With q = 0 an image has to be as real as the least real training image, with q = 1 as the
most real one.

What is measured of the images that an arm is fed, its floor and its leak, is of those that the discriminator at the end
of the training accepts.
"""

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.filters.filter import Filtering, Rule
from aeaug.data.images import to_float
from aeaug.options import Number

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource
    from aeaug.gan.snapshot import Snapshot

__all__ = ["Score", "least_logit"]

LOOKED_AT = 2_000  # training images, which are in random order: whole subsets would cost what an epoch does
CHUNK = 1_000


def least_logit(logits: Tensor, quantile: float) -> Tensor:
    """Return the ``quantile`` of the training images' ``logits: (N,)``, linear between two of them, a scalar."""
    return torch.quantile(logits, quantile)


class _AtLeast:
    """The rule; the quantile is worked out once for every snapshot."""

    def __init__(self, snapshot: "Snapshot", images: Tensor, quantile: float) -> None:
        self._snapshot, self._images, self._quantile = snapshot, images[:LOOKED_AT], quantile
        self._least: tuple[int, Tensor] | None = None

    def __call__(self, images: Tensor, indices: Tensor) -> Tensor:
        if self._least is None or self._least[0] != self._snapshot.taken:
            logits = torch.cat([self._snapshot(to_float(part)) for part in self._images.split(CHUNK)])
            self._least = self._snapshot.taken, least_logit(logits, self._quantile)
        logits = torch.cat([self._snapshot(part) for part in images.split(CHUNK)])
        return logits >= self._least[1]


class Score(Filtering):
    """``filter=score``. ``quantile``: q, of D over the training images."""

    asks: ClassVar[bool] = True

    name: Literal["score"]
    quantile: Number = Field(ge=0, le=1)

    @override
    def rule(self, decoded: "DecodedSource", snapshot: "Snapshot | None", seed: int) -> Rule:
        assert snapshot is not None
        return _AtLeast(snapshot, decoded.images, self.quantile)
