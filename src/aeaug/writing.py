"""Files that appear whole or not at all, errors that name them, and what a kill leaves between."""

import errno
import io
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = [
    "acquire",
    "archived",
    "is_there",
    "lock_file",
    "locked",
    "naming",
    "remove_strays",
    "write_atomically",
    "write_whole",
]

log = logging.getLogger(__name__)


@contextmanager
def naming(path: Path, *others: Path) -> Iterator[None]:
    """Have an ``OSError`` that names no file, or one of ``others``, name ``path``: a full disk says nothing itself."""
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(os.fsdecode(error.filename)) in others:
            error.filename, error.filename2 = str(path), None
        raise


def archived(content: Mapping[str, Any]) -> memoryview:
    """The bytes of a file that :func:`torch.load` reads. On a full disk, PyTorch's own writer of files would say
    something else than the system does; and it writes the file's name into the file."""
    import torch  # not above: much that is imported to say one line writes no tensors

    whole = io.BytesIO()
    torch.save(dict(content), whole)
    return whole.getbuffer()


def write_atomically(path: Path, write: Callable[[IO[bytes]], object], keep: Path | None = None) -> None:
    """Call ``write(file)`` on a file beside ``path``, flush it to disk, and rename it to ``path``.

    What was there before becomes ``keep``, if that is given: between the two renames it is the only one of both.
    When ``write`` or the disk fails, ``path`` stays as it was, the unfinished file is removed, and the ``OSError``
    names ``path``.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with naming(path, beside):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            if keep is not None and path.exists():
                path.replace(keep)
            beside.replace(path)
        finally:
            with suppress(OSError):  # a disk that has gone would hide what was said first
                beside.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the rename itself
        finally:
            os.close(folder)


def write_whole(path: Path, content: "str | Buffer", keep: Path | None = None) -> None:
    """:func:`write_atomically` of what is there at once; text in UTF-8."""
    whole = content.encode() if isinstance(content, str) else content
    write_atomically(path, lambda file: file.write(whole), keep)


def remove_strays(folder: Path) -> None:
    """Remove what a killed :func:`write_atomically`, or one of a whole folder, left in ``folder``: whoever calls this
    has the lock of everybody who writes there."""
    for stray in folder.glob(".*.tmp"):
        if stray.is_dir() and not stray.is_symlink():
            shutil.rmtree(stray)
        else:
            stray.unlink()


def lock_file(path: Path) -> FileLock:
    """The lock of a file, which ends with the process that holds it. Where the file system has none, filelock would
    take the file's being there for one, which a killed process leaves behind: acquiring this one raises ``OSError``."""
    return FileLock(path, fallback_to_soft=False)


def acquire(lock: FileLock, timeout: float | None = None) -> None:
    """Acquire it, however often another machine removes its file meanwhile: NFS says of it that it is stale, or only
    renames it, and two would hold a lock."""
    while not lock.is_locked:
        try:
            lock.acquire(timeout=timeout)
            if not _is_named(lock):
                lock.release()
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise


def _is_named(lock: FileLock) -> bool:
    """Whether the file that is locked is the one of that name; it is opened, as NFS asks its server then."""
    held = lock._context.lock_file_fd
    assert held is not None
    try:
        with open(lock.lock_file, "rb") as named:  # noqa: PTH123
            return os.path.samestat(os.fstat(named.fileno()), os.fstat(held))
    except FileNotFoundError:
        return False


@contextmanager
def locked(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock file ``path``; where there is a wait, log that it is for ``busy``.

    The file is gone afterwards. It may be removed while it is held, as the last thing: who waits opens it anew at every
    try, and takes no lock on a file whose name is gone (filelock looks at the number of its links).
    """
    lock = lock_file(path)
    with naming(path):
        try:
            acquire(lock, timeout=0)
        except Timeout:
            log.info("waiting for %s", busy)
            acquire(lock)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.release()


def is_there(path: Path) -> bool:
    """Whether something has this name, be it a link into nowhere; ``OSError`` for a name that nothing can have."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
