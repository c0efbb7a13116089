"""What all runs of an experiment share, ``<outputs>/runs/<name>/.shared.json``, written before the first starts.

``constants``: what the first sweep set to one value for all its jobs, unless it is but a part of what its claims need
(:func:`aeaug.sweep.composition.naming.constants`). An arm's name says nothing of them, and of another value of one it
does, so that a sweep that grows finds the runs that are there. ``threads``: of the CPU, for a run whose
``trainer.threads`` is null; its bits depend on them. An experiment that earlier versions began has no such file, and
its arms are named after everything that was typed.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from aeaug.faults import reading
from aeaug.writing import locked, write_whole

__all__ = ["FILE", "Shared", "read_shared", "settle"]

FILE = ".shared.json"
LARGEST = 2**20  # bytes


class Shared(BaseModel):
    """Values of ``constants`` as they are written, ``${…}`` included; of a group, the choice."""

    model_config = ConfigDict(strict=True, frozen=True)

    constants: dict[str, Any] = {}
    threads: int | None = Field(default=None, ge=1, le=256)


def read_shared(experiment: Path) -> Shared | None:
    """What the runs in this folder share; None where nothing is settled. Raises :class:`Fault` for a file that cannot
    be read: names that were given by it are lost with it."""
    file = experiment / FILE
    with reading(file, f"put it back from a copy, or move the folder {experiment} away"):
        try:
            if file.stat().st_size > LARGEST:
                raise ValueError("far too large")
            return Shared.model_validate(json.loads(file.read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError):  # of the latter, whoever writes there says more
            return None


def settle(experiment: Path, shared: Shared | None) -> None:
    """Write down what the runs in this folder were named by, unless that was done; None: an earlier version began them.

    Raises ``ValueError`` where somebody else has settled something else since they were named.
    """
    if shared is None:
        return
    experiment.mkdir(parents=True, exist_ok=True)
    with locked(experiment / f"{FILE}.lock", f"another sweep of {experiment.name}"):
        there = read_shared(experiment)
        if there is not None and there.constants != shared.constants:
            raise ValueError(f"name={experiment.name}: another command has just begun it: the same command again")
        if there is None or there.threads is None:  # a single run settles none
            text = json.dumps(shared.model_dump(), indent=2) + "\n"
            write_whole(experiment / FILE, text)
