"""Ctrl-C and SIGTERM: what is told to stop leaves a run that can be gone on with, and says so.

In a job that submitit has given to Slurm, SIGTERM stays submitit's, which goes on: Slurm sends it some seconds before
it takes the machine away, and a job that has ended by then does not come back. SIGUSR2 says that the time is nearly
over: submitit puts the job back into the queue, and exits by ``SystemExit``.
"""

import json
import os
import platform
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from filelock import Timeout

from aeaug.faults import Fault
from aeaug.run.files import read_status
from aeaug.writing import lock_file, write_whole

__all__ = ["Stop", "mark_interrupted", "stoppable"]

WAIT = 10.0  # seconds, for a process that is being killed to let go of its run


class Stop:
    """What SIGINT and SIGTERM do: raise ``SystemExit`` in the main thread, with the shell's 128 plus their number.

    Python drops what is raised while it collects garbage, so it is remembered too: :meth:`check` raises it again.
    """

    status: int | None = None

    def __call__(self, number: int, frame: FrameType | None) -> NoReturn:
        """Handle the signal ``number``."""
        self.status = 128 + number
        raise SystemExit(self.status)

    def check(self) -> None:
        """Raise what a signal has raised before, if it is still at work here."""
        if self.status is not None:
            raise SystemExit(self.status)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Let SIGINT and SIGTERM (not in Slurm) stop what is inside; outside the main thread nothing can be stopped."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    numbers = [signal.SIGINT] if os.environ.get("SUBMITIT_EXECUTOR") == "slurm" else [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def mark_interrupted(*folders: Path) -> bool:
    """Say ``interrupted`` in the status of those runs that say running on this machine and at which no process is at
    work: of a sweep that is stopped, workers may be killed before they can say it. :data:`WAIT` seconds are waited for
    all of them together. Return whether one was so."""
    end = time.monotonic() + WAIT
    # Without a lock first: most have come to their end, or are others' that would have to be waited for.
    marked = [_mark(folder, max(0.0, end - time.monotonic())) for folder in folders if _says_running(folder)]
    return any(marked)  # each, not only the first


def _mark(folder: Path, wait: float) -> bool:
    try:
        with lock_file(folder / ".lock").acquire(timeout=wait):
            if not _says_running(folder):
                return False
            text = json.dumps(read_status(folder) | {"state": "interrupted"}, indent=2) + "\n"
            write_whole(folder / "status.json", text)
            return True
    except (OSError, ValueError, Timeout):  # damaged, or still at work: as it was
        return False


def _says_running(folder: Path) -> bool:
    """Whether the run's status does, and was written here: of another machine's process, a lock that is free says
    nothing, for there are disks whose locks hold on one machine alone."""
    try:
        status = read_status(folder)
    except Fault:
        return False
    return status.get("state") == "running" and status.get("host") in (None, platform.node())
