"""What a trial is worth: the median, over the tuning seeds, of the validation FD at the end of a run.

A diverged run is worth inf, so a trial of which most seeds diverge is, and is told so: the sampler keeps away from it.
Its other seeds are not trained then.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import optuna

from aeaug.run.options import RunOptions
from aeaug.run.pipeline import Run
from aeaug.run.pruning import Pruned
from aeaug.tune.pruning import lost, settled, step

__all__ = ["SEEDS", "measured"]

SEEDS = "validation FD by seed"
"""Attribute of a trial: FD at the end of each seed's run that was trained; None where that diverged."""


def measured(trial: optuna.Trial, runs: Sequence[RunOptions], readings: int) -> float:
    """Train the ``runs`` of ``trial``, one a seed, and return the median of their validation FD: inf as soon as so many
    have diverged that it cannot be finite.

    A run that is finished is left alone, one that was begun goes on; what is in the journal already is not reported
    twice. Raises :class:`Pruned` where the trial is not worth going on with, which it is once its finished seeds alone
    make it better than the median of the complete trials, and whatever ends a run.
    """
    found: dict[int, float] = {}
    for place, options in enumerate(runs):
        whole = settled(trial.study, [*found.values()], len(runs))
        found[options.seed] = _one(trial, options, place, readings, place + 1 == len(runs), whole)
        said = {str(seed): value if math.isfinite(value) else None for seed, value in found.items()}
        trial.set_user_attr(SEEDS, said)
        if lost([*found.values()], len(runs)):
            return math.inf
    return statistics.median(found.values())


def _one(trial: optuna.Trial, options: RunOptions, place: int, readings: int, last: bool, whole: bool) -> float:
    """The validation FD at the end of one run; ``whole``: nothing that its curve shows is to end it."""
    assert not options.evaluation.test, "a search never looks at the test set"
    every = options.evaluation.every

    def report(entry: Mapping[str, Any]) -> int:
        reading = math.ceil(int(entry["epoch"]) / every) - 1
        at = step(place, reading, readings)
        if at not in _reported(trial):
            trial.report(entry["frechet_distance"], at)
        return reading

    def prune(reading: int) -> None:
        if whole or (last and reading + 1 == readings):
            return  # the trial is worth it, or there is nothing left to save
        if trial.should_prune():
            raise Pruned(f"reading {reading + 1} of seed {options.seed} is worse than the median")

    run = Run(options, watch=lambda entry: prune(report(entry)))
    run.folder.set_aside()  # the curve of another run is not this one's
    reported = [report(entry) for entry in run.folder.read_history()]  # a kill may have come between the two
    if reported and not run.folder.finished():
        prune(reported[-1])
    return run.run()


def _reported(trial: optuna.Trial) -> Mapping[int, float]:
    (frozen,) = (one for one in trial.study.get_trials(deepcopy=False) if one.number == trial.number)
    return frozen.intermediate_values
