"""A process that ends when the one that started it is gone. Neither PyTorch nor Lightning is imported: a worker does it
first."""

import os
import signal
import threading
import time
from collections.abc import Callable

__all__ = ["LEAVE", "LOOK", "end_with", "watch_parent"]

WATCH = "watch over the parent"  # a thread's name
LOOK = 0.2  # seconds between looks
LEAVE = 5.0  # that a process has to come out of what it does


def end_with(parent: int) -> None:
    """Have this process, a worker of ``parent``, end when that is gone: as SIGTERM ends it, or else at once.

    To be called before each job; what is still waiting for the worker then is not begun. A process that is not a child
    of ``parent`` is left alone.
    """

    def leave() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LEAVE)
        os._exit(128 + signal.SIGTERM)

    watched = any(thread.name == WATCH for thread in threading.enumerate())
    if os.getppid() != parent and watched:
        os._exit(128 + signal.SIGTERM)
    if os.getppid() == parent and not watched:
        watch_parent(parent, leave)


def watch_parent(parent: int, leave: Callable[[], object]) -> None:
    """Call ``leave``, from another thread, when ``parent`` is no longer this process's."""

    def watch() -> None:  # until this process ends
        while os.getppid() == parent:
            time.sleep(LOOK)
        leave()

    threading.Thread(target=watch, daemon=True, name=WATCH).start()
