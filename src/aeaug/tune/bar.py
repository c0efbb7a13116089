"""One bar for a whole search, read off its journal, in which all its processes write."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import optuna
from optuna.trial import FrozenTrial, TrialState

from aeaug.training.watched import WatchedBar
from aeaug.tune.journal import journal
from aeaug.tune.search import Search

__all__ = ["search_bar"]

UNDER_WAY = 0.95  # of a trial, when all its readings are there and its value is not


@contextmanager
def search_bar(search: Search) -> Iterator[None]:
    """Show, while what is inside goes on, how many trials of all arms there are of those that were asked for, and of
    each arm the smallest validation FD so far. Its studies have to be there."""
    storage = journal(search.journal)  # of its own: it is read in another thread
    studies = {arm: optuna.load_study(study_name=arm, storage=storage) for arm in search.arms}

    def look() -> tuple[float, str]:
        try:
            trials = {arm: study.get_trials(deepcopy=False) for arm, study in studies.items()}
        except Exception:  # whatever a reader raises over foreign bytes: whoever writes next says it
            return 0.0, ""
        done = sum(_share(one, search, arm) for arm, those in trials.items() for one in those)
        return done, " · ".join(filter(None, (_best(arm, those) for arm, those in trials.items())))

    there = [len(study.get_trials(deepcopy=False)) for study in studies.values()]
    total = sum(max(search.options.trials, count) for count in there)  # more may have been asked for before
    bar = WatchedBar(f"search {search.name}", total, "trials", look)
    try:
        yield
    finally:
        bar.close()


def _share(trial: FrozenTrial, search: Search, arm: str) -> float:
    """How much of the trial is over, by the readings of its validation curves."""
    if trial.state.is_finished():
        return 1.0
    return UNDER_WAY * len(trial.intermediate_values) / (search.readings[arm] * len(search.options.seeds))


def _best(arm: str, trials: list[FrozenTrial]) -> str:
    complete = [one for one in trials if one.state == TrialState.COMPLETE]  # a pruned one has its last reading
    values = [(one.value, one.number) for one in complete if one.value is not None and math.isfinite(one.value)]
    return "{}: FD {:,.1f}, trial {}".format(arm, *min(values)) if values else ""
