"""Whether a folder can be written into, and locks hold there: tried, before any work."""

import fcntl
import tempfile
from pathlib import Path

from aeaug.faults import WITHOUT_LOCKS, Fault, explanation
from aeaug.writing import is_there

__all__ = ["require_writable"]

LONGEST_NAME = "x" * 120  # of what will lie in it: TensorBoard's files


def require_writable(folder: Path, outputs: str, tried: set[Path] | None = None) -> None:
    """Raise :class:`Fault`, naming ``outputs``, if ``folder`` below it cannot be made or written into, or no file there
    be locked.

    It is tried, in the nearest folder that exists, and nothing stays: what the system says of permissions is not true
    for root, nor on media that are read only. ``tried``: folders in which that went well just now; what is found out is
    added.
    """
    existing, reason = folder.absolute() / LONGEST_NAME, None
    try:
        while not is_there(existing):
            existing = existing.parent
        if tried is not None and existing in tried:
            return
        if existing.is_dir():
            Path(tempfile.mkdtemp(prefix=".aeaug-", suffix=".tmp", dir=existing)).rmdir()
            _lock(existing)
            if tried is not None:
                tried.add(existing)
            return
    except Fault:
        raise
    except ValueError:
        reason = "no path"
    except OSError as error:
        reason = error.strerror
    why = f" ({reason})" if reason else ""
    raise Fault(f"outputs={outputs}: {existing} is not a writable folder{why}")


def _lock(folder: Path) -> None:
    """Raise :class:`Fault` where the system says that there are no locks."""
    with tempfile.NamedTemporaryFile(prefix=".aeaug-", suffix=".tmp", dir=folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in WITHOUT_LOCKS:
                raise
            error.filename = str(folder)
            raise Fault(str(explanation(error))) from None
