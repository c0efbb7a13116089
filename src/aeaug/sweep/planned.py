"""The runs that sweeps of an experiment have planned, ``<outputs>/runs/<name>/.plan.json``: what is still to come.

Every sweep adds its own; nothing is taken out. Delete the file to forget what will not be run.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from aeaug.faults import Fault, reading
from aeaug.run.folders import experiment_of
from aeaug.writing import locked, write_whole

if TYPE_CHECKING:
    from aeaug.run.options import RunOptions

__all__ = ["PLAN", "Planned", "add_planned", "read_planned"]

PLAN = ".plan.json"
LARGEST = 64 * 2**20  # bytes; a run has a hundred


class Planned(BaseModel):
    """A run that somebody will start, on ``n_train`` images; None: all there are."""

    model_config = ConfigDict(strict=True)

    n_train: NonNegativeInt | None


class _Plan(BaseModel):
    runs: dict[str, Planned]


def add_planned(jobs: "Mapping[Path, RunOptions]") -> None:
    """Add ``jobs``, by their folders, to the plans of their experiments."""
    for experiment in set(map(experiment_of, jobs)):
        own = {
            folder.relative_to(experiment).as_posix(): Planned(n_train=options.data.n_train)
            for folder, options in jobs.items()
            if experiment_of(folder) == experiment
        }
        experiment.mkdir(parents=True, exist_ok=True)
        with locked(experiment / f"{PLAN}.lock", f"another sweep of {experiment.name}"):
            try:
                there = read_planned(experiment)
            except Fault:  # what it said is lost, and what this sweep does is not
                there = {}
            if there.items() >= own.items():
                continue
            plan = _Plan(runs=there | own)
            text = json.dumps(plan.model_dump(), indent=2) + "\n"
            write_whole(experiment / PLAN, text)


def read_planned(experiment: Path) -> dict[str, Planned]:
    """The runs in the plan of the ``experiment`` in this folder, by their folders in it; none without a plan. Raises
    :class:`Fault` for one that cannot be read."""
    file = experiment / PLAN
    with reading(file, f"delete {file}, and the next sweep writes its own"):
        try:
            if file.stat().st_size > LARGEST:
                raise ValueError("far too large for a plan")
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        return _Plan.model_validate(json.loads(text)).runs
