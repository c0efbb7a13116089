"""Who trains which trial: asked for under the search's lock, and held by a lock that ends with its process.

What is asked for is first a trial that a dead process left, with the parameters that it has, then a new one of the arm
that has the fewest, so that arms have equally many at any moment, and none has more than were asked for.

Each value of a random trial, the first of a study, is drawn from the search's seed, the trial's number and the
parameter's key (:mod:`.sampling`). Parameters that arms share are therefore the same in all of them, whichever process
asks, and after a kill; later trials follow from what was told until they were asked for, and repeat where one process
trains one trial at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import optuna
from filelock import FileLock, Timeout
from optuna.trial import TrialState

from aeaug.tune.journal import journal
from aeaug.tune.pruning import SeedMedian
from aeaug.tune.sampling import sampler_of
from aeaug.tune.search import Search
from aeaug.tune.space import Value

__all__ = ["FAILED", "Claim", "claimed", "studies"]

FAILED = "failed"
"""Attribute of a trial that ended by an error: by which start of the command, and why."""


@dataclass(frozen=True)
class Claim:
    """A trial that this process alone trains until it lets go of ``lock``; ``values`` of the parameters by key."""

    arm: str
    study: optuna.Study
    trial: optuna.Trial
    values: Mapping[str, Value]
    lock: FileLock


def studies(search: Search) -> dict[str, optuna.Study]:
    """The study of each arm, made where it is missing. To be called with the search's lock."""
    storage = journal(search.journal)
    options = search.options
    found = {}
    for arm in search.arms:
        pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
        if options.pruning == "median":
            pruner = SeedMedian(search.readings[arm], options.pruning_trials, options.pruning_readings)
        found[arm] = optuna.create_study(storage=storage, study_name=arm, pruner=pruner, load_if_exists=True)
    return found


def claimed(search: Search, found: Mapping[str, optuna.Study], start: str) -> Claim | None:
    """The next trial to train, if there is one; trials that failed in this ``start`` of the command wait for the next
    one."""
    with search.lock():
        for arm, study in found.items():
            for one in study.get_trials(deepcopy=False, states=(TrialState.RUNNING, TrialState.WAITING)):
                if (one.user_attrs.get(FAILED) or [None])[0] == start:
                    continue
                if (lock := _held(search, arm, one.number)) is not None:
                    return _claim(search, arm, study, one.number, lock)
        open_ = {arm: len(study.get_trials(deepcopy=False)) for arm, study in found.items()}
        arm = min(open_, key=lambda name: open_[name])
        if open_[arm] >= search.options.trials:
            return None
        lock = _held(search, arm, open_[arm])
        assert lock is not None, "nobody has a trial that is not there"
        return _claim(search, arm, found[arm], open_[arm], lock)


def _claim(search: Search, arm: str, study: optuna.Study, number: int, lock: FileLock) -> Claim:
    study.sampler = sampler_of(search.options, number)
    there = {one.number: one for one in study.get_trials(deepcopy=False)}
    # A running trial of a dead process is taken up as it is; Optuna's own way would be a new one of the same values.
    trial = optuna.Trial(study, there[number]._trial_id) if number in there else study.ask()
    assert trial.number == number
    values = {key: one.suggested(key, trial) for key, one in search.parameters_of(arm).items()}
    return Claim(arm, study, trial, values, lock)


def _held(search: Search, arm: str, number: int) -> FileLock | None:
    """The trial's lock, or None where a living process has it."""
    place = search.folder / "locks"
    place.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place / f"{arm},trial={number:04d}")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock
