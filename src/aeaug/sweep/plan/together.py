"""Whether the runs of a sweep can stand in one report with those that are in their experiment's folder: what the report
asks of all of them (:mod:`aeaug.run.identity.comparability`), as far as it is told before a run, is asked before the
first."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from aeaug.faults import Fault
from aeaug.run.files import read_config
from aeaug.run.folders import experiment_of, run_path, runs_of
from aeaug.run.identity.comparability import OF_BUDGET, READINGS
from aeaug.run.options import RunOptions
from aeaug.sweep.composition.overrides import word

__all__ = ["apart", "earlier", "require_together"]

_ASKED = ("data.name", *OF_BUDGET, READINGS)  # of the data a report asks their hash, which no options have


def require_together(jobs: Collection[RunOptions]) -> None:
    """Raise ``ValueError``, in one line, where ``jobs`` have a value of what all runs of a report share that none of
    the runs in their folder has."""
    for experiment in sorted({experiment_of(run_path(options)) for options in jobs}):
        there, own = list(_configs(experiment)), _said(jobs, experiment)
        for key in _ASKED if there else ():
            before, now = ({word(_value(config, key)) for config in some} for some in (there, own))
            if new := sorted(now - before):
                raise ValueError(
                    f"{key}={new[0]}: the runs in {experiment} have {' and '.join(sorted(before))}, and no report is "
                    "of both; another name=… for these, or move that folder away"
                )


def apart(jobs: Collection[RunOptions]) -> Iterator[str]:
    """A line for each thing of which ``jobs``, with the runs in their folder, have several values, so that they come to
    no report: they may be meant for something else, as runs in ``adhoc`` are."""
    for experiment in sorted({experiment_of(run_path(options)) for options in jobs}):
        there, own = list(_configs(experiment)), _said(jobs, experiment)
        for key in _ASKED:
            now = sorted({word(_value(config, key)) for config in own})
            others = sorted({word(_value(config, key)) for config in there} - set(now))
            if len(now) + len(others) > 1:
                these = f"{key}={','.join(now)}"
                beside = f"the runs in {experiment} have {' and '.join(others)}, and " * bool(others)
                yield f"{these}: {beside}no report is of runs that differ in that; another name=… makes it two"


def _said(jobs: Collection[RunOptions], experiment: Path) -> list[Mapping[str, Any]]:
    """What the jobs of an experiment say of what is asked, each."""
    groups = {key.partition(".")[0] for key in _ASKED}
    own = (options for options in jobs if experiment_of(run_path(options)) == experiment)
    return [options.model_dump(mode="json", include=groups) for options in own]


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
