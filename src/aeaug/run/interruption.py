"""Ctrl-C and SIGTERM: what is told to stop leaves a run that can be gone on with, and says so."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from filelock import FileLock, Timeout

from aeaug.artifacts import write_atomically

__all__ = ["exit_status", "mark_interrupted", "stoppable"]

WAIT = 10.0  # seconds, for a process that is being killed to let go of its run


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn SIGTERM into ``SystemExit``, as Python turns SIGINT into ``KeyboardInterrupt``; in the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def exit_status(stop: BaseException) -> int:
    """What the shell is told of a process that was stopped: 128 and the signal's number."""
    return 143 if isinstance(stop, SystemExit) and stop.code == 143 else 130  # Lightning makes SystemExit of Ctrl-C


def mark_interrupted(folder: Path) -> bool:
    """Say ``interrupted`` in the status of the run in ``folder`` where it says running and no process is at work on it:
    of a sweep that is stopped, workers may be killed before they can say it. Return whether it was so."""
    file = folder / "status.json"
    try:
        with FileLock(folder / ".lock", timeout=WAIT):
            status: dict[str, Any] = json.loads(file.read_text())
            if status["state"] != "running":
                return False
            text = json.dumps(status | {"state": "interrupted"}, indent=2) + "\n"
            write_atomically(file, lambda opened: opened.write(text.encode()))
            return True
    except (OSError, ValueError, KeyError, Timeout):  # not begun, damaged, or still at work: as it was
        return False
