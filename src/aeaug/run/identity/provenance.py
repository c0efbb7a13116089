"""What made a run's numbers: the software, and the project's own code."""

import os
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

__all__ = ["Code", "changed_software", "code", "majors", "versions"]

PACKAGE = Path(__file__).parents[2]
SECONDS_FOR_GIT = 10
DECIDING = ("aeaug", "torch")  # whose major version decides whether a run can be gone on with
DECIDING_FOLDERS = (":/conf", ":/scripts")  # beside the package, from the top of its checkout
ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR")  # a hook's own checkout


class Code(TypedDict):
    """``commit``: of the checkout that the package lies in; ``dirty``: whether what a run is made of, the package, its
    option files and its commands, differs from it, in files that git does not ignore. Both None where there is none: in
    an installed wheel, or without git."""

    commit: str | None
    dirty: bool | None


def versions() -> dict[str, str]:
    """The software that the last digits of a number depend on."""
    return dict(_here())


def changed_software(made_with: Mapping[str, str]) -> list[str]:
    """A reason for every package of which ``made_with`` names another major version than is here; before 1.0 the next
    number counts."""
    here = _here()
    return [
        f"made with {name} {made_with[name]}, here is {here[name]}"
        for name in DECIDING
        if name in made_with and _major(made_with[name]) != _major(here[name])
    ]


def majors() -> dict[str, str]:
    """The versions that decide, as far as they do."""
    here = _here()
    return {name: ".".join(_major(here[name])) for name in DECIDING}


@cache
def _here() -> dict[str, str]:
    """As this process first asked: a sweep's plan asks for every run."""
    return {"python": platform.python_version(), **{name: version(name) for name in ("aeaug", "torch", "lightning")}}


def _major(version: str) -> tuple[str, ...]:
    parts = version.split(".")
    return tuple(parts[:2] if parts[0] == "0" else parts[:1])


@cache
def code(package: Path = PACKAGE) -> Code:
    """The state of the project's code when this process first asked; later edits are not what it runs."""
    # A package that is not git's own lies in somebody else's checkout, such as a virtual environment inside of one.
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return {"commit": None, "dirty": None}
    commit = _git(package, "rev-parse", "HEAD")
    changes = _git(package, "status", "--porcelain", "--", ".", *DECIDING_FOLDERS)
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def _git(folder: Path, *arguments: str) -> str | None:
    """What git prints; None where it fails or is missing."""
    environment = {key: value for key, value in os.environ.items() if key not in ELSEWHERE}
    command = ["git", "--no-optional-locks", *arguments]
    try:
        finished = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS_FOR_GIT
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return finished.stdout.strip() if finished.returncode == 0 else None
