"""The processes of a search. They share its folder alone, so the same command in another shell adds more of them."""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import NoReturn

from aeaug.sweep.ending import refusing
from aeaug.training.gpus import own_gpu
from aeaug.training.parent import end_with
from aeaug.training.quietness import quieten
from aeaug.tune.search import Search
from aeaug.tune.work import work

__all__ = ["worked"]

LEAVE = 30.0  # seconds, for a process that is told to stop to write how its run stands


def worked(search: Search, start: str) -> int:
    """Train what there is to train, in as many processes as ``search`` has; how many of them did not come to their
    end."""
    if search.options.processes == 1:
        work(search, start)
        return 0
    context = get_context("spawn")  # what PyTorch has started does not outlive a fork
    those = [
        context.Process(target=_worker, args=(search, start, os.getpid())) for _ in range(search.options.processes)
    ]
    with _ending(those):
        for one in those:
            one.start()
        for one in those:
            one.join()
    return sum(one.exitcode != 0 for one in those)


def _worker(search: Search, start: str, parent: int) -> None:
    end_with(parent)
    quieten()
    own_gpu(search.outputs / ".gpus")
    try:
        with refusing():
            work(search, start)
    except KeyboardInterrupt:
        sys.exit(130)


@contextmanager
def _ending(those: Sequence[SpawnProcess]) -> Iterator[None]:
    """Have no process of ``those`` outlive what is inside, whatever ends it."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if main else None
    try:
        yield
    finally:
        for one in those:
            if one.pid is not None and one.is_alive():
                one.terminate()
        for one in those:
            if one.pid is not None:
                one.join(LEAVE)
        if main:
            signal.signal(signal.SIGTERM, before)
