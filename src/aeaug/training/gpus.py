"""Which of several GPUs a process takes that trains beside others of this machine: one that the fewest of them have.

Lightning would give each the first.
"""

import os
import platform
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import torch
from filelock import FileLock, Timeout

__all__ = ["own_gpu"]

_held: list[FileLock] = []  # until the process ends, however it does


def own_gpu(folder: Path) -> None:
    """Have this process see one GPU alone, which is its own to its end; where there is none, or one, nothing is done.

    To be called before anything is on a GPU. The processes of this machine that share them know of each other by locks
    in ``folder``.
    """
    gpus = _visible()
    if len(gpus) < 2 or _held:
        return
    gpu, lock = _taken(folder, gpus)
    _held.append(lock)
    os.environ["CUDA_VISIBLE_DEVICES"] = gpu


def _visible() -> list[str]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES has them, or would."""
    number, named = torch.cuda.device_count(), os.environ.get("CUDA_VISIBLE_DEVICES")
    return named.split(",")[:number] if named else [str(place) for place in range(number)]


def _taken(folder: Path, gpus: Sequence[str]) -> tuple[str, FileLock]:
    """One of ``gpus``, and what holds a place on it. There are as many places as anybody wants, and a second one on a
    GPU is taken when each has its first."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in count():
        for gpu in gpus:
            name = f"{platform.node()},{gpu},{place}".replace("/", "_")  # the disk may be others' too
            lock = FileLock(folder / name)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            return gpu, lock
    raise AssertionError
