"""Whether a folder can be written into: tried, before any work."""

import os
import tempfile
from pathlib import Path

from aeaug.faults import Fault

__all__ = ["require_writable"]

LONGEST_NAME = "x" * 120  # of what will lie in it: TensorBoard's files


def require_writable(folder: Path, outputs: str) -> None:
    """Raise :class:`Fault`, naming ``outputs``, if ``folder`` below it cannot be made or written into.

    It is tried, in the nearest folder that exists, and nothing stays: what the system says of permissions is not true
    for root, nor on media that are read only.
    """
    existing, reason = folder.absolute() / LONGEST_NAME, None
    try:
        while not _is_there(existing):
            existing = existing.parent
        if existing.is_dir():
            Path(tempfile.mkdtemp(prefix=".aeaug-", suffix=".tmp", dir=existing)).rmdir()
            return
    except ValueError:
        reason = "no path"
    except OSError as error:
        reason = error.strerror
    why = f" ({reason})" if reason else ""
    raise Fault(f"outputs={outputs}: {existing} is not a writable folder{why}")


def _is_there(path: Path) -> bool:
    """Whether something has this name, be it a link into nowhere."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
