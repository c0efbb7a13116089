"""What every penalty is: options, and a pure function of one step of the discriminator."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch
from pydantic import Field
from torch import Tensor

from aeaug.gan.seen import Seen
from aeaug.options import Integer, Options

__all__ = ["Penalty", "State"]

State = dict[str, Tensor]
"""What a penalty remembers from step to step, by name; it is kept in the checkpoint."""


class Penalty(Options, ABC):
    """A term of the discriminator's loss, at every ``every``-th of its steps, multiplied by ``every``."""

    every: Integer = Field(ge=1, le=10_000)

    def more(self, images: Tensor, draw: Callable[[str], torch.Generator]) -> Tensor | None:
        """Return what stands for this penalty alone beside each of ``images: (2B, C, H, W)``, B real ones and then B
        generated ones, before any view: as many, which the discriminator is shown in the same pass, through the same
        draws of every view. None: nothing."""
        return None

    @abstractmethod
    def __call__(self, seen: Seen, more_logits: Sequence[Tensor], state: State) -> Tensor:
        """Return the term, a scalar that is differentiable with respect to the discriminator's parameters.

        ``more_logits``: of what :meth:`more` returns, ``(B,)`` beside real images and ``(B,)`` beside generated ones;
        empty where that is nothing. ``state`` is empty at the first step of a training; what is
        written there is there at the next.
        """
