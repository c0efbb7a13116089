"""Is the process of a run still there? Told by files alone, and by no lock: who looks must not be in a run's way.

A run that is at work holds the lock of its folder and touches its ``status.json`` twice a minute. The kernel lists the
locks of its processes in ``/proc/locks`` (proc(5)); what works on another host can only be seen touching.
"""

import os
import platform
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["BEAT", "LATE", "Heartbeat", "Lock", "at_work", "at_work_unlocked", "held_locks", "last_heard"]

BEAT = 30.0  # seconds between touches
MISSED = 1.5  # intervals between touches without one, after which a process is gone that somebody waited for
LATE = 300.0  # seconds without one after which nobody is taken to be there; a network's file system tells late too

LOCKS, PROCESSES = Path("/proc/locks"), Path("/proc")

Lock = tuple[int, int]
"""A lock on a whole file: the file's number and the id of the process that holds it."""


class Heartbeat:
    """Touch ``file`` every :data:`BEAT` seconds, whatever the run does meanwhile, until :meth:`stop`."""

    def __init__(self, file: Path) -> None:
        self._file, self._stopped = file, threading.Event()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def stop(self) -> None:
        """The run has come to an end."""
        self._stopped.set()

    def _beat(self) -> None:
        while not self._stopped.wait(BEAT):
            with suppress(OSError):  # of a disk that has gone, the run itself will say it
                os.utime(self._file)


def held_locks() -> frozenset[Lock]:
    """The locks that processes of this host hold; none where the kernel does not list them."""
    try:
        lines = [line.split() for line in LOCKS.read_text().splitlines()]
    except OSError:
        return frozenset()
    return frozenset(
        (int(words[5].rpartition(":")[2]), int(words[4])) for words in lines if words[1] == "FLOCK"
    )  # of who waits for one, the second word is ->


def last_heard(folder: Path) -> float:
    """When the run in ``folder`` last wrote or touched its status, in seconds of the epoch; 0 where it has none."""
    try:
        return (folder / "status.json").stat().st_mtime
    except OSError:
        return 0.0


def at_work(folder: Path, status: Mapping[str, Any], locks: Collection[Lock], now: float) -> bool:
    """Whether a process is at work on the run in ``folder``, whose ``status`` says running.

    It is, where its process holds the folder's lock; or where it was heard of within :data:`LATE` seconds before
    ``now``, and its process, if that is one of this host, exists. The second is for other hosts, and for file systems
    on which ``locks`` names no file as its folder does.
    """
    pid, here = status["pid"], status["host"] == platform.node()
    if (here or status["host"] is None) and _holds(folder / ".lock", pid, locks):
        return True
    return now - last_heard(folder) <= LATE and not (here and _ended(pid))


def at_work_unlocked(folder: Path, status: Mapping[str, Any]) -> str | None:
    """The other host that is at work on the run in ``folder`` with this ``status``, None where none is. To be asked by
    who has its lock: where locks hold between machines, that process is gone, else its next touch tells.

    It waits for one only where the status says running, on another host, and was touched lately.
    """
    host = status.get("host")
    if status.get("state") != "running" or host in (None, platform.node()):
        return None
    before, now = _touched(folder), time.monotonic()
    if time.time() - before > LATE:
        return None
    while time.monotonic() - now < MISSED * BEAT:
        time.sleep(BEAT / 30)
        if _touched(folder) != before:
            return str(host)
    return None


def _touched(folder: Path) -> float:
    """As :func:`last_heard`, of a file that is opened: a network's file system asks its server then."""
    try:
        with (folder / "status.json").open("rb") as file:
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return 0.0


def _holds(file: Path, pid: int | None, locks: Collection[Lock]) -> bool:
    """Earlier versions did not record the ``pid``."""
    try:
        number = file.stat().st_ino
    except OSError:
        return False
    return any(number == locked and pid in (None, by) for locked, by in locks)


def _ended(pid: int | None) -> bool:
    """Whether there is no such process any more, or nothing but its exit status; False where nobody can tell."""
    try:
        return (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] in ("X", "Z")
    except OSError:
        return pid is not None and (PROCESSES / "self").exists()
