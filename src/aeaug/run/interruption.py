"""Ctrl-C and SIGTERM: what is told to stop leaves a run that can be gone on with, and says so.

In a job that submitit has given to Slurm, SIGTERM stays submitit's, which goes on: Slurm sends it some seconds before
it takes the machine away, and a job that has ended by then does not come back. SIGUSR2 says that the time is nearly
over: submitit puts the job back into the queue, and exits by ``SystemExit``.
"""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from filelock import Timeout

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


def mark_interrupted(folder: Path) -> bool:
    """Say ``interrupted`` in the status of the run in ``folder`` where it says running and no process is at work on it:
    of a sweep that is stopped, workers may be killed before they can say it. Return whether it was so."""
    file = folder / "status.json"
    if not file.exists():  # a lock would make the folder of a run that never was
        return False
    try:
        with lock_file(folder / ".lock").acquire(timeout=WAIT):
            status = read_status(folder)
            if status.get("state") != "running":
                return False
            text = json.dumps(status | {"state": "interrupted"}, indent=2) + "\n"
            write_whole(file, text)
            return True
    except (OSError, ValueError, Timeout):  # not begun, damaged, or still at work: as it was
        return False
