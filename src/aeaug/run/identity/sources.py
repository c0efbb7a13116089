"""The code that a run's numbers are made by, as two hashes, and whether it has changed since.

It is what images and codes go through, :data:`MAKING`, from data to evaluation; not what says, starts, keeps or reports
runs. Of a run that came to its end, the code of its last start counts.
"""

import hashlib
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from aeaug.artifacts import code_version

__all__ = ["Sources", "changed_sources", "sources"]

PACKAGE = Path(__file__).parents[2]
MAKING = (
    *("data", "autoencoder", "perturbation", "augmentation", "gan", "schedules", "evaluation"),
    *("classifier.py", "one_thread.py", "randomness.py"),
)
"""Of the package: rooms, and files beside them."""


class Sources(TypedDict):
    """``files``: a hash of what stands in them, to the byte; ``meaning``: of their syntax without comments and
    docstrings (:func:`aeaug.artifacts.code_version`), as this ``python`` reads it."""

    files: str
    meaning: str
    python: str


def sources() -> Sources:
    """Of the package, as this process first asked."""
    return {"files": _files(), "meaning": _meaning(), "python": _python()}


def changed_sources(made_by: Mapping[str, Any]) -> bool:
    """Whether the package means something else than what ``made_by`` tells of; not where that tells nothing, as of a
    run of an earlier version, or by another version of Python, which reads the same files in another way."""
    if not made_by or made_by.get("files") == _files() or made_by.get("python") != _python():
        return False
    return bool(made_by.get("meaning") != _meaning())


@cache
def _files() -> str:
    whole = hashlib.sha256()
    for path in _paths():
        whole.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode() + path.read_bytes())
    return whole.hexdigest()[:16]


@cache
def _meaning() -> str:
    """It takes half a second, which most plans do without."""
    return code_version(*_paths())


def _paths() -> list[Path]:
    rooms = (PACKAGE / name for name in MAKING)
    return [path for room in rooms for path in (sorted(room.rglob("*.py")) if room.is_dir() else [room])]


def _python() -> str:
    return ".".join(map(str, sys.version_info[:2]))
