"""Who may write the folder of a run: one process at a time, which holds the lock of a file in it."""

import errno
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from aeaug.faults import Fault
from aeaug.run.folder.liveness import at_work_unlocked
from aeaug.writing import acquire, lock_file, naming

__all__ = ["Busy", "Unlocked", "locked", "require_unlocked"]

BUSY = "another process is at work on this run"
PATIENCE = 1.0  # seconds: who plans a sweep looks at each lock for a moment
LOCAL_LOCKS = "locks on this disk do not hold between machines; mount it with those of its server (of NFS: no nolock)"


class Busy(Fault):
    """Another process is at work on the run."""


class Unlocked(Busy):
    """It is, on another machine, and the lock that it has does not hold here."""


def require_unlocked(folder: Path) -> None:
    """Raise :class:`Busy` if a process is at work in ``folder``, another :class:`Fault` for what cannot be locked."""
    file = folder / ".lock"
    if not os.path.lexists(file):
        return
    try:
        with lock_file(file).acquire(timeout=0):
            pass
    except Timeout:
        raise Busy(f"{folder}: {BUSY}") from None
    except OSError as error:
        remedy = f"delete it, or the folder {folder}"
        if error.errno in (errno.EACCES, errno.EPERM):  # whoever deletes it lets two processes train one run
            remedy = f"it is another user's, who may be at work: have {folder} made writable for both (umask 002)"
        raise Fault(f"{file} cannot be locked ({error.strerror}): {remedy}") from None


def locked(folder: Path, read_status: Callable[[], Mapping[str, Any]]) -> FileLock:
    """Take the lock of ``folder``, to be released by the caller. ``read_status``: what its ``status.json`` says, which
    is asked under the lock.

    Raises :class:`Busy` where another process has it, :class:`Unlocked` where one has been at work a moment ago that
    should.
    """
    lock = lock_file(folder / ".lock")
    try:
        with naming(folder / ".lock"):
            acquire(lock, PATIENCE)
    except Timeout:
        raise Busy(f"{folder}: {BUSY}") from None
    if host := at_work_unlocked(folder, read_status()):
        lock.release()
        raise Unlocked(f"{folder}: {BUSY}, on {host}, and its lock is free: {LOCAL_LOCKS}")
    return lock
