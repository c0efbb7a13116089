"""What goes wrong without being a bug: a damaged file, a full disk, a process too many. Each is said in one line.

A :class:`Fault` is such a line: the file, what is wrong with it, and what to do. The system's own errors become one in
:func:`explanation`. Everything else is a bug, and keeps its traceback.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["WITHOUT_LOCKS", "Fault", "explanation", "in_few_words", "one_line", "reading"]

LONGEST = 200  # of another library's own words

WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)  # of a file system, or its server
FULL, CLOSED = (errno.ENOSPC, errno.EDQUOT), (errno.EROFS, errno.EACCES, errno.EPERM)


class Fault(ValueError):
    """Something that the reader of its one line can mend: it names the file, what is wrong and what to do."""


def one_line(words: object, longest: int = LONGEST) -> str:
    """``words`` without line breaks, cut after ``longest`` characters."""
    text = " ".join(str(words).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def in_few_words(error: BaseException, longest: int = LONGEST) -> str:
    """What an ``error`` of the system's, or of a reader of foreign bytes, says: never nothing, in one line of at most
    ``longest`` characters, and without the file, which whoever says it names."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return one_line(reason, longest) or type(error).__name__


@contextmanager
def reading(file: Path, remedy: str) -> Iterator[None]:
    """Turn whatever a reader raises over the content of ``file`` into a :class:`Fault` that ends in ``remedy``.

    Readers of foreign bytes raise nearly everything there is, so everything is caught: keep what is inside to reading.
    """
    try:
        yield
    except Fault:
        raise
    except Exception as error:
        raise Fault(f"{file} is not readable ({in_few_words(error)}): {remedy}") from error


def explanation(error: BaseException) -> str | None:
    """One line for what is no bug, None for what is."""
    if isinstance(error, Fault):
        return str(error)
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # the second is PyTorch's
        return f"out of memory ({one_line(error) or 'Python'}): a smaller budget.batch_size or network needs less"
    return _of_launchers(error)


def _of_launchers(error: BaseException) -> str | None:
    """By name: none of their packages need be here."""
    name, package = type(error).__name__, type(error).__module__.partition(".")[0]
    if name == "TerminatedWorkerError":  # joblib's
        return "a worker of the sweep was killed, perhaps because memory ran out: the same command goes on"
    if package == "submitit":
        return f"Slurm: {one_line(error) or name}"
    if package == "ray":
        return f"Ray: {one_line(error) or name}: the same command goes on"
    return None


def _of_system(error: OSError) -> str:
    file, why = error.filename or "a file", error.strerror or str(error)
    if error.errno in FULL:
        return f"{file}: {why}: free some space"
    if error.errno in WITHOUT_LOCKS:
        remedy = "mount the disk with locks, or take another place with outputs=<folder>"
        return f"{file}: {why}: where files cannot be locked, two processes could train one run: {remedy}"
    if error.errno == errno.EISDIR:
        return f"{file}: a folder stands in the file's place: delete {file}"
    if error.errno in CLOSED:
        return f"{file}: {why}: make it writable, or take another place with outputs=<folder>"
    return f"{file}: {why}"
