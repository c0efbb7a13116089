"""One bar for a whole sweep, read off the status files that its runs write, in whatever process they are."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from aeaug.faults import Fault, one_line
from aeaug.installed import command
from aeaug.run.failure import last_line
from aeaug.run.files import read_status
from aeaug.run.folders import experiment_of
from aeaug.sweep.ranges import ranges
from aeaug.training.watched import WatchedBar

__all__ = ["SweepBar"]

MEASURED = 0.95  # of a run, when its training is over


class SweepBar:
    """The share of all images of the runs in ``folders`` that were shown; call :meth:`close` at the end.
    ``starting``: the folders of those that the sweep has something to do in; ``stale``: of those that it keeps as they
    are, whatever they came to; ``redone``: of those in which a stale run lies until another one begins.

    A run that has shown all of its images, and is being measured, is not over: it counts for a little less than one.
    """

    def __init__(
        self,
        title: str,
        folders: list[Path],
        starting: Collection[Path] = (),
        stale: Collection[Path] = (),
        redone: Collection[Path] = (),
    ) -> None:
        self._folders, self._starting, self._stale = folders, set(starting), set(stale)
        self._before = {folder: _status(folder).get("started") for folder in redone}
        self._failed_before = {
            folder: status["updated"] for folder in starting if (status := _status(folder)).get("state") == "failed"
        }
        self._bar = WatchedBar(title, len(folders), "runs", self._look)

    def close(self) -> None:
        """Show the last state and leave the bar."""
        self._bar.close()

    def outcome(self) -> str:
        """How many runs came to which end, and what to do next."""
        found = {folder: status["state"] for folder in self._folders if (status := self._status(folder))}
        states = Counter("stale" if folder in self._stale else state for folder, state in found.items())
        names = ",".join(sorted({experiment_of(folder).name for folder in self._folders}))
        counts = ", ".join(f"{count} {state}" for state, count in states.most_common()) or "no run"
        return f"{counts} of {len(self._folders)}; their report: {command('report')} experiment={names}"

    def unfinished(self) -> list[str]:
        """A line for each way in which runs failed, with those that did, one for those that never began, and one for
        those that the sweep was to bring to their end and has left on the way: another process is at work on them, or
        the one that was has been lost without a word. A cluster may start a run again whose first process lives on."""
        found: dict[str, list[Path]] = {}
        for folder in self._folders:
            status = self._status(folder)
            if why := self._unfinished(folder, status):
                found.setdefault(one_line(why), []).append(folder)
        several = len({experiment_of(folder) for folder in self._folders}) > 1
        return [f"{_named(runs, several)} {why}" for why, runs in found.items()]

    def _unfinished(self, folder: Path, status: Mapping[str, Any]) -> str | None:
        if folder in self._stale:
            return None
        if not status:
            return "did not begin"
        if status["state"] == "failed":
            return f"failed: {last_line(status) or 'no traceback'}"
        if status["state"] in ("running", "interrupted") and folder in self._starting:
            asking = f"{command('status')} says whether a process is at work"
            return f"left {status['state']}: {asking}; the same command goes on"
        return None

    def _status(self, folder: Path) -> dict[str, Any]:
        """Empty where none has started yet that counts."""
        status = _status(folder)
        return {} if folder in self._before and status.get("started") == self._before[folder] else status

    def _look(self) -> tuple[float, str]:
        shares, active = [], []
        for folder in self._folders:
            status = self._status(folder)
            if not status:
                continue
            share = min(status["images"] / (status["budget"] or math.inf), 1.0)
            waits = folder in self._failed_before and status["updated"] == self._failed_before[folder]
            over = status["state"] in ("done", "diverged", "failed") and not waits
            shares.append(1.0 if over else MEASURED * share)
            if status["state"] == "running":
                active.append(f"{folder.parent.name}/{folder.name}{' (being measured)' * (share == 1.0)}")
        return sum(shares), " · ".join(active)


def _named(runs: Sequence[Path], several: bool) -> str:
    """All of them, the seeds of an arm together: ``none/seed=0 to 3, 7 and append_gaussian/seed=1``; of ``several``
    experiments, with theirs before."""
    arms: dict[str, list[int]] = defaultdict(list)
    others = []
    for run in runs:
        seed, arm = re.fullmatch(r"seed=(\d+)", run.name), run.parent.name
        arm = f"{experiment_of(run).name}/{arm}" if several else arm
        if seed:
            arms[arm].append(int(seed[1]))
        else:
            others.append(f"{arm}/{run.name}")
    return " and ".join([*(f"{arm}/seed={ranges(sorted(seeds))}" for arm, seeds in arms.items()), *others])


def _status(folder: Path) -> dict[str, Any]:
    """Empty where there is none; a bar goes on whatever it cannot read."""
    try:
        return read_status(folder)
    except Fault:
        return {}
