"""Two single-threaded trainings side by side, or one with two threads: which gets more steps out of two cores?"""

import time
from multiprocessing import get_context
from multiprocessing.connection import Connection

import torch
from torch import Tensor

from aeaug.benchmark.training import HandWrittenLoop, shuffled
from aeaug.gan.options import GANOptions

__all__ = ["side_by_side"]


def side_by_side(
    images: Tensor, options: GANOptions, batch_size: int, steps: int, pairs: int
) -> tuple[list[float], list[float]]:
    """Steps a second of two processes with a thread each, together, and of one process with two threads.

    The two measurements take turns, ``pairs`` times, after one of each that is not counted.
    """
    context = get_context("spawn")  # forked processes may not use PyTorch's threads
    together, alone = [], []
    connections, processes = [], []
    try:
        for _ in range(2):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, images, options, batch_size), daemon=True)
            process.start()
            theirs.close()
            connections.append(ours)
            processes.append(process)
        for _ in range(pairs + 1):
            together.append(2 * steps / _ask(connections, threads=1, steps=steps))
            alone.append(steps / _ask(connections[:1], threads=2, steps=steps))
    finally:
        for ours in connections:
            ours.close()  # ends the process behind it
        for process in processes:
            process.join()
    return together[1:], alone[1:]


def _ask(connections: list[Connection], threads: int, steps: int) -> float:
    """Let all processes take ``steps`` steps at once; return the seconds until the last is done."""
    began = time.perf_counter()
    for connection in connections:
        connection.send((threads, steps))
    for connection in connections:
        connection.recv()
    return time.perf_counter() - began


def _serve(connection: Connection, images: Tensor, options: GANOptions, batch_size: int) -> None:
    loop, batches = HandWrittenLoop(images, options), shuffled(len(images), batch_size)
    while True:
        try:
            threads, steps = connection.recv()
        except EOFError:
            return
        torch.set_num_threads(threads)
        loop.train(batches, steps)
        connection.send(loop.steps)
