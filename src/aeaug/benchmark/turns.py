"""Sides of a comparison that take turns: what each of their blocks took, pair by pair."""

import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Side", "interleave"]

Side = Generator[Any, None, None]  # works through a block at every next()

# Seconds: on the wall, and of all cores of this process, which another process disturbs less.
CLOCKS = (time.perf_counter, time.process_time)


def interleave(
    sides: Sequence[Side], pairs: int, clocks: Sequence[Callable[[], float]] = CLOCKS
) -> NDArray[np.float64]:
    """Let ``sides`` work through ``pairs`` blocks each, in turns, after one that is not counted: it has the set-up.

    Return ``(clocks, sides, pairs)``: how far each clock went during each block. Raises what a side raises.
    """
    taken = np.empty((len(clocks), len(sides), pairs + 1))
    try:
        for pair, own in np.ndindex(pairs + 1, len(sides)):
            began = [clock() for clock in clocks]
            next(sides[own])
            taken[:, own, pair] = [clock() for clock in clocks]
            taken[:, own, pair] -= began
    finally:
        for side in sides:
            side.close()
    return taken[:, :, 1:]
