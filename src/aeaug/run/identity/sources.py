"""The code that a run's numbers are made by, as two hashes, and whether it has changed since.

It is what images and codes go through, :data:`MAKING`, from data to evaluation, whether or not a run uses all of it;
not what says, starts, keeps or reports runs. A run takes it down at every start.
"""

import hashlib
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from aeaug.artifacts import code_version

__all__ = ["Sources", "changed_sources", "sources"]

PACKAGE = Path(__file__).parents[2]
MAKING = (
    *("data", "autoencoder", "perturbation", "augmentation", "gan", "schedules", "evaluation"),
    *("classifier.py", "one_thread.py", "randomness.py"),
    *("run/metrics", "run/best.py", "run/monitor.py", "run/parts.py"),
    *("training/divergence.py", "training/hooks.py", "training/threads.py", "training/trainer.py"),
)
"""Of the package: rooms, and files."""


class Sources(TypedDict):
    """``files``: a hash of what stands in them, to the byte; ``meaning``: of their syntax without comments and
    docstrings (:func:`aeaug.artifacts.code_version`), as this ``python`` reads it."""

    files: str
    meaning: str
    python: str


def sources() -> Sources:
    """Of the package, as this process first asked."""
    return {"files": _files(), "meaning": _meaning(), "python": _python()}


def changed_sources(made_by: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the package means something else than any of ``made_by`` tells of. Nothing is known of a run of an
    earlier version, of one by another version of Python, which reads the same files in another way, and of a package
    without its files."""
    others = [one for one in made_by if one.get("files") != _files() and one.get("python") == _python()]
    meanings = {one["meaning"] for one in others if one.get("meaning")}
    return bool(meanings and _meaning() and meanings - {_meaning()})


@cache
def _files() -> str:
    whole = hashlib.sha256()
    for path in _paths():
        whole.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode() + path.read_bytes())
    return whole.hexdigest()[:16]


@cache
def _meaning() -> str:
    """It takes half a second, which plans do without while nothing has changed; empty where it cannot be told."""
    try:
        return code_version(*paths) if (paths := _paths()) else ""
    except SyntaxError:  # in a file that is being written, and that nothing has imported
        return ""


def _paths() -> list[Path]:
    """Those that are there: without hidden ones, which editors and macOS leave beside their files."""
    rooms = (PACKAGE / name for name in MAKING)
    found = (path for room in rooms for path in (sorted(room.rglob("*.py")) if room.is_dir() else [room]))
    return [path for path in found if not path.name.startswith(".") and path.is_file()]


def _python() -> str:
    return ".".join(map(str, sys.version_info[:2]))
