"""Losses and penalties of an epoch's steps, kept where they are computed: a device asked at every step waits."""

import torch
from torch import Tensor

__all__ = ["EpochLosses"]


class EpochLosses:
    """A pair of losses, the discriminator's and the generator's, for each step of the generator."""

    def __init__(self, discriminator_steps: int) -> None:
        """``discriminator_steps``: for each of the generator's."""
        self.steps = 0
        """Of the discriminator, in this epoch."""
        self._discriminator_steps = discriminator_steps
        self._pairs: list[tuple[Tensor, Tensor]] = []
        self._since: list[Tensor] = []  # of the discriminator, since the last pair
        self._penalties: dict[str, list[Tensor]] = {}

    def __bool__(self) -> bool:
        """Whether there is a pair."""
        return bool(self._pairs)

    def of_discriminator(self, loss: Tensor) -> None:
        """``loss: ()`` of a step of the discriminator, no gradient."""
        self._since.append(loss)
        self.steps += 1

    def of_generator(self, loss: Tensor) -> None:
        """``loss: ()`` of a step of the generator, no gradient; beside it stands the discriminator's mean since the one
        before."""
        self._pairs.append((self._since[0] if len(self._since) == 1 else torch.stack(self._since).mean(), loss))
        self._since.clear()

    def of_penalty(self, name: str, value: Tensor) -> None:
        """``value: ()`` of a penalty at a step at which it was due, no gradient."""
        self._penalties.setdefault(name, []).append(value)

    def penalties(self) -> dict[str, Tensor]:
        """The mean of each penalty, ``()``, over the steps at which it was due; without those that never were."""
        return {name: torch.stack(values).mean() for name, values in self._penalties.items()}

    def mean(self, last: int | None = None) -> Tensor:
        """``(2,)``, discriminator's and generator's, over the ``last`` steps of the discriminator (None: all)."""
        pairs = self._pairs[-max(1, last // self._discriminator_steps) :] if last else self._pairs
        return torch.stack([loss for pair in pairs for loss in pair]).view(-1, 2).mean(0)

    def clear(self) -> None:
        """Begin anew: nothing of an epoch depends on what ran before it in this process."""
        self.steps = 0
        self._pairs.clear()
        self._since.clear()
        self._penalties.clear()
