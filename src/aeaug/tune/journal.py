"""The journal: one file that all processes of a search write into, line by line, and from which it is rebuilt.

Optuna's own locks are files that a killed process leaves behind; the kernel's are gone with their process. A last line
that a kill or a full disk cut short is removed by whoever writes next: the next line would be torn by it.
"""

import logging
import os
from pathlib import Path

import optuna
from filelock import FileLock
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from typing_extensions import override

from aeaug.faults import Fault, one_line

__all__ = ["journal"]

BLOCK = 4096  # bytes that are looked through at a time


class _KernelLock(JournalFileOpenLock):
    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, FileLock(file.with_name(f".{file.name}.lock"))

    @override
    def acquire(self) -> bool:
        self._lock.acquire()
        try:
            _mend(self._file)
        except BaseException:
            self._lock.release()
            raise
        return True

    @override
    def release(self) -> None:
        self._lock.release()


def journal(file: Path) -> JournalStorage:
    """The journal in ``file``, which is made where it is missing. Raises :class:`Fault` for one that is damaged."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    logging.getLogger("optuna").propagate = False
    try:
        return JournalStorage(JournalFileBackend(str(file), _KernelLock(file)))
    except OSError:
        raise
    except Exception as error:  # whatever a reader raises over foreign bytes
        raise Fault(f"{file} is not readable ({one_line(error)}): delete the folder {file.parent}") from error


def _mend(file: Path) -> None:
    """Cut the file after its last whole line."""
    with file.open("r+b") as opened:
        end = opened.seek(0, os.SEEK_END)
        if end == 0:
            return
        opened.seek(end - 1)
        if opened.read(1) == b"\n":
            return
        whole = 0
        for start in range(end - end % BLOCK, -1, -BLOCK):
            opened.seek(start)
            if (place := opened.read(BLOCK).rfind(b"\n")) >= 0:
                whole = start + place + 1
                break
        opened.truncate(whole)
