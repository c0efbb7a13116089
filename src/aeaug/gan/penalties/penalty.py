"""What every penalty is: options, and a pure function of one step of the discriminator."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from aeaug.options import Integer, Options

__all__ = ["Discriminator", "Penalty", "Seen", "State"]

Discriminator = Callable[[Tensor], Tensor]
"""``(B, 1, 28, 28) -> logits (B,)``, each logit a function of its own image."""

State = dict[str, Tensor]
"""What a penalty remembers from step to step, by name; it is kept in the checkpoint."""


class Seen(NamedTuple):
    """One step of the discriminator: images as it saw them, after every view, and what it said of them.

    ``real``, ``fake``: ``(B, 1, 28, 28)``, without a gradient to where they came from; ``synthetic: (B,)`` bool, which
    of ``real`` are injected; ``real_logits``, ``fake_logits``: ``(B,)``; ``draw(purpose)``: a generator of this step,
    on the images' device; ``mean``: of a tensor over all processes; ``shown``: images before this step.
    """

    discriminator: Discriminator
    real: Tensor
    fake: Tensor
    synthetic: Tensor
    real_logits: Tensor
    fake_logits: Tensor
    draw: Callable[[str], torch.Generator]
    mean: Callable[[Tensor], Tensor]
    shown: int = 0


class Penalty(Options, ABC):
    """A term of the discriminator's loss, at every ``every``-th of its steps, multiplied by ``every``."""

    every: Integer = Field(ge=1, le=10_000)

    def more(self, real: Tensor, fake: Tensor, draw: Callable[[str], torch.Generator]) -> tuple[Tensor, ...]:
        """Return further images ``(B, 1, 28, 28)`` that the discriminator is shown in the same pass as ``real`` and
        ``fake``, for this penalty alone."""
        return ()

    @abstractmethod
    def __call__(self, seen: Seen, more_logits: Sequence[Tensor], state: State) -> Tensor:
        """Return the term, a scalar that is differentiable with respect to the discriminator's parameters.

        ``more_logits``: ``(B,)`` for each of :meth:`more`. ``state`` is empty at the first step of a training; what is
        written there is there at the next.
        """
