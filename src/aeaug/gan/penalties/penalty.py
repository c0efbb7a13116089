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

    def more(self, real: Tensor, fake: Tensor, draw: Callable[[str], torch.Generator]) -> tuple[Tensor, ...]:
        """Return further images ``(B, C, H, W)`` that the discriminator is shown in the same pass as ``real`` and
        ``fake``, for this penalty alone."""
        return ()

    @abstractmethod
    def __call__(self, seen: Seen, more_logits: Sequence[Tensor], state: State) -> Tensor:
        """Return the term, a scalar that is differentiable with respect to the discriminator's parameters.

        ``more_logits``: ``(B,)`` for each of :meth:`more`. ``state`` is empty at the first step of a training; what is
        written there is there at the next.
        """
