"""Whether the runs of a sweep can stand in one report with those that are in their experiment's folder: what the report
asks of all of them (:mod:`aeaug.run.identity.comparability`), as far as it is told before a run, is asked before the
first."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from aeaug.faults import Fault
from aeaug.run.files import read_config
from aeaug.run.folders import experiment_of, run_path, runs_of
from aeaug.run.identity.comparability import OF_BUDGET, READINGS
from aeaug.run.options import RunOptions
from aeaug.sweep.composition.overrides import word

__all__ = ["apart", "earlier", "require_together"]

_ASKED = ("data.name", *OF_BUDGET, READINGS)  # of the data a report asks their hash, which no options have


class _Values(NamedTuple):
    """Of a key that is asked, the values of jobs in the folder of an ``experiment``, and of the runs that are there."""

    experiment: Path
    key: str
    now: frozenset[str]
    there: frozenset[str]

    @property
    def line(self) -> str | None:
        """What is to be said where there are several."""
        others = sorted(self.there - self.now)
        if len(self.now) + len(others) < 2:
            return None
        beside = f"the runs in {self.experiment} have {' and '.join(others)}, and " * bool(others)
        own = ",".join(sorted(self.now))
        return f"{self.key}={own}: {beside}no report is of runs that differ in that; another name=… makes it two"


def require_together(jobs: Collection[RunOptions]) -> list[str]:
    """Raise ``ValueError``, in one line, where ``jobs`` have a value of what all runs of a report share that none of
    the runs in their folder has. Return what :func:`apart` says of them."""
    found = list(_values(jobs))
    for one in found:
        if one.there and (new := sorted(one.now - one.there)):
            raise ValueError(
                f"{one.key}={new[0]}: the runs in {one.experiment} have {' and '.join(sorted(one.there))}, and no "
                "report is of both; another name=… for these, or move that folder away"
            )
    return [line for one in found if (line := one.line)]


def apart(jobs: Collection[RunOptions]) -> list[str]:
    """A line for each thing of which ``jobs``, with the runs in their folder, have several values, so that they come to
    no report: they may be meant for something else, as runs in ``adhoc`` are."""
    return [line for one in _values(jobs) if (line := one.line)]


def _values(jobs: Collection[RunOptions]) -> Iterator[_Values]:
    groups = {key.partition(".")[0] for key in _ASKED}
    by_folder: dict[Path, list[Mapping[str, Any]]] = defaultdict(list)
    for options in jobs:
        by_folder[experiment_of(run_path(options))].append(options.model_dump(mode="json", include=groups))
    for experiment, own in sorted(by_folder.items()):
        there = list(_configs(experiment))
        for key in _ASKED:
            now, before = (frozenset(word(_value(config, key)) for config in some) for some in (own, there))
            yield _Values(experiment, key, now, before)


def earlier(jobs: Collection[RunOptions]) -> Iterator[Mapping[str, Any]]:
    """The config of one run of every arm that stands in the folder of the experiment: seeds differ in nothing else."""
    for experiment in sorted({experiment_of(run_path(options)) for options in jobs}):
        yield from _configs(experiment)


def _configs(experiment: Path) -> Iterator[Mapping[str, Any]]:
    for folder in sorted(path for path in experiment.iterdir() if path.is_dir()) if experiment.is_dir() else ():
        try:
            config = read_config(next(runs_of(folder)))
        except (Fault, StopIteration):  # whoever reads that run says what is wrong with it
            continue
        if config.get("variant"):
            yield config


def _value(config: Mapping[str, Any], key: str) -> Any:
    group, _, name = key.partition(".")
    return (config.get(group) or {}).get(name)
