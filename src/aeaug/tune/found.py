"""What a search has found so far: of each arm how many trials came to which end, and the best of them.

Trials are numbered from 0, as Optuna and the folders of their runs do.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from aeaug.faults import Fault
from aeaug.run.files import read_metrics
from aeaug.run.folders import run_path
from aeaug.tune.claim import FAILED
from aeaug.tune.objective import SEEDS
from aeaug.tune.search import Search
from aeaug.tune.space import Range, Space, Value

__all__ = ["Best", "Found", "found_in"]

ENOUGH = 10  # complete trials, before it says something that the best of them lies at the end of a range


@dataclass(frozen=True)
class Best:
    """A trial: its ``number`` from 0, ``value``, the median validation FD, that of every seed (None: diverged), the
    parameters ``values``; ``floor``: the validation FD of another real sample, where a run of it says so; ``ends``: a
    line for each value that lies at an end of its range, once there are ``ENOUGH`` complete trials."""

    number: int
    value: float
    seeds: Mapping[str, float | None]
    values: Mapping[str, Value]
    floor: float | None
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """Of an arm: how many trials were ``asked`` for, now or before, how many are ``complete``, among them ``diverged``,
    ``pruned``, ``refused`` for values that do not go together, and ``open``: failed, or not at their end; ``failures``:
    why. ``best`` of the complete ones."""

    arm: str
    asked: int
    complete: int
    diverged: int
    pruned: int
    refused: int
    open: int
    failures: tuple[str, ...]
    best: Best | None

    @property
    def without_best(self) -> str:
        """Why no trial is the best."""
        if self.complete:
            return f"diverged in all {self.complete} complete trials, of {self.asked}"
        return f"no trial is complete, of {self.asked}"

    @property
    def done(self) -> int:
        """Trials that count."""
        return self.complete + self.pruned + self.refused


def found_in(search: Search, arm: str, study: optuna.Study) -> Found:
    """What there is in the arm's ``study``; of equal trials the first is the best."""
    trials = study.get_trials(deepcopy=False)
    by_state: dict[TrialState, list[FrozenTrial]] = {state: [] for state in TrialState}
    for one in trials:
        by_state[one.state].append(one)
    complete = by_state[TrialState.COMPLETE]
    finite = [one for one in complete if one.value is not None and math.isfinite(one.value)]
    open_ = by_state[TrialState.RUNNING] + by_state[TrialState.WAITING]
    failures = [f"{arm}, trial {one.number}: {one.user_attrs[FAILED][1]}" for one in open_ if FAILED in one.user_attrs]
    best = min(finite, key=lambda one: (one.value, one.number), default=None)
    return Found(
        arm,
        max(search.options.trials, len(trials)),
        len(complete),
        len(complete) - len(finite),
        len(by_state[TrialState.PRUNED]),
        len(by_state[TrialState.FAIL]),
        len(open_),
        tuple(failures),
        None if best is None else _best(search, arm, best, len(complete)),
    )


def _best(search: Search, arm: str, trial: FrozenTrial, complete: int) -> Best:
    assert trial.value is not None
    values = {key: trial.params[key] for key in search.parameters_of(arm)}
    seeds: Any = trial.user_attrs.get(SEEDS, {})
    ends = tuple(_at_ends(search.parameters_of(arm), values)) if complete >= ENOUGH else ()
    return Best(trial.number, trial.value, seeds, values, _floor(search, arm, trial.number, values), ends)


def _at_ends(space: Space, values: Mapping[str, Value]) -> Iterator[str]:
    for key, value in values.items():
        parameter = space[key]
        if isinstance(parameter, Range) and (end := parameter.end(value)) is not None:
            span = f"{parameter.low:g} to {parameter.high:g}"
            said = f"{value:.4g}" if isinstance(value, float) else value
            yield f"{key}={said} is at the {end} end of {span}: a wider range may have a better one"


def _floor(search: Search, arm: str, number: int, values: Mapping[str, Value]) -> float | None:
    try:
        run = run_path(search.run(arm, number, values, search.options.seeds[0]))
        floor = read_metrics(run).get("validation_floor") or {}
        return float(next(iter(floor["spaces"].values()))["frechet_distance"])
    except (Fault, KeyError, TypeError, StopIteration, AttributeError):
        return None
