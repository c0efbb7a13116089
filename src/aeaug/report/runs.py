"""The list of runs with what lies in their folders, and what is missing or diverged among them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aeaug.report.collect import Experiment
from aeaug.report.records import Run
from aeaug.report.table import NONE, number

__all__ = ["RunLine", "incomplete", "relative_link", "run_lines", "states"]

_ORDER = ("done", "diverged", "failed", "running", "missing")


@dataclass(frozen=True)
class RunLine:
    """One line of the list of runs, `name` being its arm's; links are relative to the report, empty for no file."""

    run: Run
    name: str
    size: str
    progress: str
    seconds: str
    folder: str
    config: str
    tensorboard: str
    note: str


def run_lines(experiment: Experiment, out_dir: Path) -> list[RunLine]:
    """Every run of `experiment`, missing ones included; links lead from `out_dir`."""
    placed = [
        _line(run, arm.name, group.size, out_dir)
        for group in experiment.groups
        for arm in group.arms
        for run in arm.runs
    ]
    return placed + [_line(run, run.variant, NONE, out_dir) for run in experiment.unplaced]


def incomplete(lines: Iterable[RunLine]) -> list[RunLine]:
    """Those that did not come to the end of their budget, and those that did but have no numbers."""
    return [line for line in lines if line.run.state != "done" or line.note]


def states(runs: Iterable[Run]) -> str:
    """How many runs are in which state, as in `8 done, 1 diverged`."""
    found = [run.state for run in runs]
    return ", ".join(f"{found.count(state)} {state}" for state in _ORDER if state in found)


def relative_link(target: Path, out_dir: Path) -> str:
    """A link from the report to `target`, empty where there is none."""
    if not target.exists():
        return ""
    return quote(Path(os.path.relpath(target.resolve(), out_dir.resolve())).as_posix(), safe="/=")


def _line(run: Run, name: str, size: str, out_dir: Path) -> RunLine:
    status = run.status
    return RunLine(
        run=run,
        name=name,
        size=size,
        progress=f"{number(status.images)} of {number(status.budget)}" if status else NONE,
        seconds=number(sum(status.seconds.values())) if status and status.seconds else NONE,
        folder=relative_link(run.path, out_dir),
        config=relative_link(run.path / "config.yaml", out_dir),
        tensorboard=relative_link(run.path / "tensorboard", out_dir),
        note=_note(run),
    )


def _note(run: Run) -> str:
    if run.state == "missing":
        return "no such run: other arms have this seed" if not run.path.exists() else "no status.json"
    if run.state == "running":
        return "not finished, or killed: resume=true takes it up again"
    if run.state == "done":
        return "" if run.test is not None else "done, but without numbers: no metrics.json with a test"
    traceback = run.status.traceback if run.status else None
    return traceback.strip().splitlines()[-1] if traceback and traceback.strip() else ""
