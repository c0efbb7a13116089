"""The state of every run of an experiment, as its files tell it.

=========== ===========================================================================================================
done        came to its end, and was measured
running     says so, and its process is there (:mod:`aeaug.run.folder.liveness`)
waiting     a sweep has planned it, and it was not begun
interrupted was told to stop, or has lost its numbers, or what says how it ended: the same command goes on
gone        says that it is running, and its process is not there any more: the same
failed      ended by an error, of which ``remark`` is the last line
diverged    training did
pruned      a search ended it, for its curve was worse than those of other trials
stale       is not at work and did not fail, and today's program would not go on with it (:mod:`.staleness`), or it is
            finished and by other code
damaged     has a file that cannot be read, which ``remark`` names
=========== ===========================================================================================================
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aeaug.faults import Fault
from aeaug.options import require_folder_name
from aeaug.run.failure import last_line
from aeaug.run.files import began, read_config, read_status
from aeaug.run.folder.liveness import at_work, held_locks
from aeaug.run.folders import folders_in, run_folders
from aeaug.run.identity.provenance import changed_software
from aeaug.run.identity.sources import changed_sources
from aeaug.run.variant import arm_name
from aeaug.sweep.planned import PLAN, read_planned
from aeaug.sweep.status.staleness import changed_options

__all__ = ["STATES", "Experiment", "RunState", "experiment_states", "experiments", "size_text"]

STATES = ("done", "running", "waiting", "interrupted", "gone", "failed", "diverged", "pruned", "stale", "damaged")
"""In the order of a table."""

UNKNOWN = -1  # n_train of a run of which nothing says it


@dataclass(frozen=True)
class RunState:
    """A run, ``<variant>/seed=<seed>``, and its ``state``, one of :data:`STATES`. ``n_train``: size of its training
    subset; None: all there is; :data:`UNKNOWN`: nothing says it. ``status``: what its file says; empty where it has
    none. ``remark``: why it is failed, stale or damaged."""

    folder: Path
    state: str
    n_train: int | None = UNKNOWN
    status: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""

    @property
    def name(self) -> str:
        """How it is called within its experiment."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def arm(self) -> str:
        """What it does, whatever the size."""
        return arm_name(self.folder.parent.name)

    @property
    def size(self) -> str:
        """The size in words."""
        return size_text(self.n_train)


def size_text(n_train: int | None) -> str:
    """The size of a training subset in words."""
    return {None: "all", UNKNOWN: "?"}.get(n_train) or f"{n_train:,}"


@dataclass(frozen=True)
class Experiment:
    """An experiment's ``runs``; ``remark``: what cannot be read besides."""

    name: str
    runs: tuple[RunState, ...]
    remark: str = ""


def experiments(runs: Path, names: Sequence[str] | None, now: float) -> list[Experiment]:
    """Those called ``names`` under ``runs``, or all there are, at the time ``now`` in seconds of the epoch.

    Nothing is written, and no lock is taken. Raises ``ValueError``, in one line, for what is no name, a name without
    runs, and where there is none at all.
    """
    for name in names or ():
        require_folder_name("experiment", name)
    known = sorted(folder.name for folder in folders_in(runs) if _is_experiment(folder))
    if missing := [name for name in names or () if name not in known]:
        raise ValueError(
            f"experiment={missing[0]}: no runs of it in {runs}; experiments there: {', '.join(known) or 'none'}"
        )
    if not known:
        raise ValueError(f"outputs={runs.parent}: there are no runs in {runs}")
    return [experiment_states(runs / name, now) for name in names or known]


def experiment_states(experiment: Path, now: float) -> Experiment:
    """The runs of the experiment in this folder, those that were begun and those that are planned."""
    found = {run.name: run for run in map(_read, run_folders(experiment)) if run is not None}
    locks, remark = held_locks(), ""
    for run in found.values():
        if run.state == "running" and not at_work(run.folder, run.status, locks, now):
            found[run.name] = _looked_at_again(run)
    _compare_with_today(found)
    try:
        planned = read_planned(experiment)
    except Fault as fault:
        planned, remark = {}, _within(experiment, fault)
    for name, plan in planned.items():
        if name not in found:
            found[name] = RunState(experiment / name, "waiting", plan.n_train)
        elif found[name].n_train == UNKNOWN:
            found[name] = replace(found[name], n_train=plan.n_train)
    return Experiment(experiment.name, tuple(found[name] for name in sorted(found, key=_in_order)), remark)


def _is_experiment(folder: Path) -> bool:
    return (folder / PLAN).exists() or next(run_folders(folder), None) is not None


def _read(folder: Path) -> RunState | None:
    """What the run in ``folder`` says of itself; None where none was begun."""
    try:
        status = read_status(folder)
    except Fault as fault:
        return RunState(folder, "damaged", remark=_within(folder, fault))
    if not status:
        return RunState(folder, "interrupted") if began(folder) else None
    state = str(status["state"])
    if state in ("done", "diverged") and not (folder / "metrics.json").exists():
        state = "interrupted"
    return RunState(folder, state, status=status, remark=last_line(status) if state == "failed" else "")


def _looked_at_again(run: RunState) -> RunState:
    """A run whose process was not found: it may have ended since its status was read, and another may have begun."""
    again = _read(run.folder)
    if again is None or again.state != "running" or again.status["pid"] != run.status["pid"]:
        return again or replace(run, state="interrupted")
    return replace(again, state="gone")


def _compare_with_today(found: dict[str, RunState]) -> None:
    """Find the size of every run, and whether it is stale. Of the runs of a variant that the same program last worked
    on, one config is read: they differ in the seed alone."""
    read: dict[object, list[str]] = {}
    sizes: dict[str, int | None] = {}
    for name, run in found.items():
        variant, made_with = run.folder.parent.name, run.status.get("versions") or {}
        program = (variant, *made_with.items(), *(str(code) for code in (run.status.get("code") or ())[-1:]))
        try:
            config = {} if program in read else read_config(run.folder)
        except Fault as fault:
            found[name] = replace(run, state="damaged", remark=_within(run.folder, fault))
            continue
        if config:  # without one, a run was stopped before it wrote it, or has lost it
            read[program] = changed_options(config)
            sizes[variant] = (config.get("data") or {}).get("n_train", UNKNOWN)
        reasons = [*read.get(program, ()), *changed_software(made_with)]
        if run.state in ("done", "diverged") and changed_sources(run.status.get("sources") or ()):
            reasons.append("made by other code than is here")
        if reasons and run.state in ("done", "interrupted", "gone", "diverged", "pruned"):
            found[name] = replace(run, state="stale", remark=reasons[0])
    for name, run in found.items():
        found[name] = replace(run, n_train=sizes.get(run.folder.parent.name, UNKNOWN))


def _within(folder: Path, fault: Fault) -> str:
    """What is wrong in ``folder``, which is named beside."""
    return str(fault).replace(f"{folder}{os.sep}", "")


def _in_order(name: str) -> list[str | int]:
    """Numbers in a name by their size."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"(\d+)", name))]
