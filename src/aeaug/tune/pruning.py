"""Median pruning on validation curves: what is compared with what.

A trial trains its seeds one after another, and every reading of the validation curve is reported to Optuna at the step
``place of the seed · readings of a run + place of the reading``, so a step is the same seed at the same number of
images shown in every trial. At a reading, the smallest FD of *this seed's* curve so far is compared with the median,
over the trials of this arm that are complete, of what the same seed had at the same reading. It is pruned where it is
larger. Curves of other seeds have no part in it: an easy subset would shield a hard one.

But a trial is worth the median of its seeds. Where that is below the median of the complete trials whatever the missing
seeds have (:func:`settled`), no curve of theirs ends the trial: of three seeds, when two of them are there and the
larger is below; of four, when three are there and the mean of the upper two is. Where it is infinite whatever they
have (:func:`lost`), of three seeds when two have diverged, of four when two have, they are not trained.
"""

import copy
import math
import statistics
from collections.abc import Mapping, Sequence

import optuna
from optuna.pruners import BasePruner, MedianPruner
from optuna.trial import TrialState
from typing_extensions import override

__all__ = ["SeedMedian", "lost", "settled", "step"]


def step(seed: int, reading: int, readings: int) -> int:
    """Of the reading with this place, from 0, of the seed with that place; a run has so many ``readings``."""
    return seed * readings + reading


def settled(study: optuna.Study, finished: Sequence[float], seeds: int) -> bool:
    """Whether a trial of so many ``seeds``, with these validation FD of its ``finished`` ones, is better than the
    median of the complete trials of ``study``, even if every missing seed diverges."""
    complete = [one.value for one in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))]
    values = [value for value in complete if value is not None]
    # Of an even number the median is the mean of two, and infinite as long as one of them may be.
    largest = statistics.median([*finished, *[math.inf] * (seeds - len(finished))])
    return bool(values) and largest < statistics.median(values)


def lost(finished: Sequence[float], seeds: int) -> bool:
    """Whether the median of a trial of so many ``seeds``, with these validation FD of its ``finished`` ones, is
    infinite, even if every missing seed is perfect."""
    return math.isinf(statistics.median([*finished, *[0.0] * (seeds - len(finished))]))


class SeedMedian(BasePruner):
    """Optuna's median pruner, on the curve of the seed that is being trained.

    Args:
        readings: of a run, the length of a curve.
        trials: so many have to be complete before one is pruned.
        warmup: readings of each seed before it may be pruned.
    """

    def __init__(self, readings: int, trials: int, warmup: int) -> None:
        self.readings, self.trials, self.warmup = readings, trials, warmup

    @override
    def prune(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> bool:
        if trial.last_step is None:
            return False
        first = trial.last_step - trial.last_step % self.readings
        own = copy.copy(trial)
        own.intermediate_values = _from(first, trial.intermediate_values)
        return MedianPruner(self.trials, n_warmup_steps=first + self.warmup).prune(study, own)


def _from(first: int, values: Mapping[int, float]) -> dict[int, float]:
    return {place: value for place, value in values.items() if place >= first}
