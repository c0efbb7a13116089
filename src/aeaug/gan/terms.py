r"""Penalties as terms of the discriminator's loss: which are due at a step, of what weight, and what they remember.

A penalty P that is asked for every n-th step is added there as n s(t) P, so that it weighs on average as much as at
every step; s is the share of its weight after t images (:mod:`aeaug.gan.schedules`), 1 without a schedule. Where it
comes to 0, nothing is asked of the penalty, and it forgets: what it remembers would be of a discriminator of long ago
when a controller has it come back.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from aeaug.data.loader import Share
from aeaug.gan.penalties.penalty import Penalty, State

__all__ = ["Term", "Terms"]


class Term(NamedTuple):
    """A penalty that is due, by its name, what it is multiplied by, and what it remembers, which it may change."""

    name: str
    penalty: Penalty
    weight: float
    state: State


class Terms:
    """The penalties of a training, by name, in the order in which they are added."""

    def __init__(self, penalties: Mapping[str, Penalty], shares: Mapping[str, Share | None]) -> None:
        """``shares``: of the weights of some of them, by name."""
        self.penalties = dict(penalties)
        self.shares = {name: one for name, one in shares.items() if one}
        self.states: dict[str, State] = {}

    def add(self, name: str, penalty: Penalty, share: Share | None = None) -> None:
        """Another one, and the ``share`` of its weight."""
        assert name not in self.penalties
        self.penalties[name] = penalty
        if share is not None:
            self.shares[name] = share

    def due(self, step: int, shown: int) -> list[Term]:
        """Those of a ``step``, after so many images ``shown``; nothing is asked of one without weight."""
        shares = {name: share(shown) for name, share in self.shares.items()}
        for name in (name for name, share in shares.items() if share == 0):
            self.states.pop(name, None)
        return [
            Term(name, one, one.every * shares.get(name, 1), self.states.setdefault(name, {}))
            for name, one in self.penalties.items()
            if step % one.every == 0 and shares.get(name) != 0
        ]

    def state_dict(self) -> dict[str, dict[str, Tensor]]:
        """What they remember, on the CPU; without those that remember nothing."""
        states = {name: state for name, state in self.states.items() if state}
        return {name: {key: one.detach().cpu() for key, one in state.items()} for name, state in states.items()}

    def load_state_dict(self, states: Mapping[str, Mapping[str, Any]]) -> None:
        """Have them remember that."""
        self.states = {name: dict(state) for name, state in states.items()}
