"""Workers that take turns, and the ratios of what their blocks took."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import NamedTuple

__all__ = ["Block", "Pause", "Ratio", "Worker", "interleave", "paired_ratio"]

# What a worker calls at the end of every block: returns after the others' blocks; False asks to stop.
Pause = Callable[[], bool]
Worker = Callable[[Pause], None]


class Block(NamedTuple):
    """Seconds that one block took on the clock, and on all cores of the process together."""

    wall: float
    cpu: float


class Ratio(NamedTuple):
    """Median, smallest and largest of some pairwise ratios."""

    median: float
    least: float
    most: float


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
    """Compare each of ``numerators`` with the one of ``denominators`` that was measured beside it."""
    ratios = [a / b for a, b in zip(numerators, denominators, strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios))


def interleave(workers: Sequence[Worker], pairs: int) -> list[list[Block]]:
    """Let each worker do ``pairs`` blocks after one that is not counted, in turns; return the blocks of each.

    Each has a thread of its own, as a training loop cannot be left and entered again, but only the one whose turn it is
    runs. Raises what a worker raises.
    """
    blocks: list[list[Block]] = [[] for _ in workers]
    turns = [threading.Semaphore(0) for _ in workers]
    began = [Block(0.0, 0.0) for _ in workers]
    errors: list[BaseException] = []

    def pause(own: int) -> bool:
        now = _now()
        blocks[own].append(Block(now.wall - began[own].wall, now.cpu - began[own].cpu))
        if len(blocks[own]) <= pairs:
            turns[(own + 1) % len(workers)].release()
            turns[own].acquire()
        began[own] = _now()
        return len(blocks[own]) <= pairs and not errors

    def work(own: int) -> None:
        turns[own].acquire()
        try:
            if not errors:
                workers[own](partial(pause, own))
        except BaseException as error:
            errors.append(error)
        finally:
            turns[(own + 1) % len(workers)].release()

    threads = [threading.Thread(target=work, args=(own,), daemon=True) for own in range(len(workers))]
    for thread in threads:
        thread.start()
    turns[0].release()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [own[1:] for own in blocks]  # the first holds the set-up


def _now() -> Block:
    return Block(time.perf_counter(), time.process_time())
