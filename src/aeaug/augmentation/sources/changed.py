r"""Training images changed in pixel space, by as much as decoding changes them: the controls for an arm that any change
would help. They change any image, and so stand in for the autoencoder in the GAN's step, too.

The dose is the mean squared change, :math:`E \|x' - x\|^2 / p`, of p values in [-1, 1], over the training subset. A
change has a strength, with which its dose grows; the strength is found by bisection, to one part in a million of the
strongest.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping
from statistics import fmean
from typing import TYPE_CHECKING, Any, ClassVar, Self

import torch
from pydantic import PrivateAttr
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.augmentation import Transform
from aeaug.augmentation.sources.options import SourceOptions
from aeaug.augmentation.sources.source import Source
from aeaug.faults import Fault
from aeaug.randomness import generator

if TYPE_CHECKING:
    from aeaug.augmentation.sources.decoded import DecodedSource

__all__ = ["Change", "ChangedSource", "dose"]

MEASURED = 1_000  # training images, which are in random order
DRAWN = 4_000
HALVINGS = 20


def dose(source: Source) -> float:
    """The mean squared change of ``source``, over the first 1,000 images, always by the same draws: 4,000 at least, for
    one each of 100 images varies by 3 or 4%."""
    indices = torch.arange(min(MEASURED, len(source.images)), device=source.device)
    draw, real = generator(0, "dose of a source", device=source.device), source.real(indices)
    passes = math.ceil(DRAWN / len(indices))
    return fmean(float((source(indices, draw) - real).square().mean()) for _ in range(passes))


class Change(SourceOptions):
    """Options of a change; its strength follows from the dose."""

    transforms: ClassVar[bool] = True
    strongest: ClassVar[float]
    _falls_short: bool = PrivateAttr(False)

    def falling_short(self) -> Self:
        """The same, which is at its strongest where that is less than the dose, and does not refuse it."""
        own = self.model_copy()
        own._falls_short = True
        return own

    @abstractmethod
    def changed(self, images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
        """Return ``(B, C, H, W)`` in [-1, 1] for ``images: (B, C, H, W)`` in [-1, 1]; 0 < strength ≤ strongest."""

    @override
    def of(self, decoded: "DecodedSource", fresh: Tensor) -> Source:
        return ChangedSource(decoded, self, self._falls_short)


class ChangedSource(Source):
    """The images that ``decoded`` decodes, changed by as much instead; ``strength`` is what that takes.

    Raises :class:`aeaug.faults.Fault` where no strength is enough; with ``falls_short`` it is the strongest there.
    """

    def __init__(self, decoded: "DecodedSource", change: Change, falls_short: bool = False) -> None:
        self.images, self.change, self._decoded = decoded.images, change, decoded.identity
        wanted = dose(decoded)
        low, high = 0.0, change.strongest
        self.strength = high
        if dose(self) < wanted:
            if falls_short:
                return
            raise Fault(
                f"source={change.name}: it changes images by {dose(self):.3g} at most, and decoding changes them by "
                f"{wanted:.3g} (mean squares); take another source or a weaker perturbation"
            )
        for _ in range(HALVINGS):
            self.strength = (low + high) / 2
            low, high = (self.strength, high) if dose(self) < wanted else (low, self.strength)

    @override
    def __call__(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        return self.change.changed(self.real(indices), self.strength, generator)

    @override
    def transform(self) -> Transform:
        return self._changed

    def _changed(self, images: Tensor, generator: torch.Generator) -> Tensor:
        # As decoded images are made: in float32, whatever the GAN's precision.
        with torch.autocast(images.device.type, enabled=False):
            return self.change.changed(images.float(), self.strength, generator)

    @property
    @override
    def identity(self) -> Mapping[str, Any]:
        return {"source": self.change.model_dump(mode="json"), **self._decoded}
