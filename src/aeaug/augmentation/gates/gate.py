"""What every gate is: a measure of an autoencoder, a bar, and what becomes of a run below it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from torch import Tensor

from aeaug.options import Number, Options

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.augmentation.sources.decoded import DecodedSource

__all__ = ["Gate", "Judged", "Verdict"]

Verdict = Mapping[str, Any]
"""``kind``, ``value``, ``bar`` and ``passed``, and what a gate has to say besides; JSON can hold it."""


class Judged(NamedTuple):
    """What a gate may look at, all of it of the training subset: ``decoded``, images made by the run's autoencoder and
    perturbation; ``labels: (N,)`` int64 of the training images; ``held_out: (M, H, W)`` or ``(M, C, H, W)`` uint8,
    those that the autoencoder was not trained on (None: there are none); and the run's ``seed``."""

    decoded: "DecodedSource"
    labels: Tensor
    held_out: Tensor | None
    seed: int


class Gate(Options, ABC):
    """``bar``: of what it measures; ``below`` it the run is refused, or skips what the autoencoder makes."""

    what: ClassVar[str]
    """What it measures, in words."""
    lower: ClassVar[bool]
    """Whether lower is better."""
    remedy: ClassVar[str]
    """What helps where it is not passed."""

    name: str
    bar: Number
    below: Literal["refuse", "skip"]

    @abstractmethod
    def measured(self, judged: Judged) -> dict[str, float]:
        """Return ``value``, which the bar is for, and what stands beside it."""

    def verdict(self, judged: Judged) -> Verdict:
        """Return what was measured, and whether it is as good as the bar, or better."""
        found = self.measured(judged)
        passed = found["value"] <= self.bar if self.lower else found["value"] >= self.bar
        return {"kind": self.name, "bar": self.bar, "passed": passed, **found}

    def said(self, verdict: Verdict) -> str:
        """A ``verdict`` in words."""
        than = "at most" if self.lower else "at least"
        return f"{self.what} is {verdict['value']:.4g}, and has to be {than} gate.bar={self.bar:g}"

    def fault(self, verdict: Verdict) -> str:
        """One line for a run that is refused by this ``verdict``."""
        return f"gate={self.name}: {self.said(verdict)}: {self.remedy}, or go on without it, gate.below=skip"
