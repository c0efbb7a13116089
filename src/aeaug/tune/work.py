"""One process of a search: ask, train, tell, until there is nothing left to ask for."""

import sys
import time

from optuna.trial import FrozenTrial, TrialState

from aeaug.faults import explanation, one_line
from aeaug.run.pruning import Pruned
from aeaug.tune.claim import FAILED, Claim, claimed, studies
from aeaug.tune.objective import measured
from aeaug.tune.search import Search, overrides_with
from aeaug.tune.weights import forget_weights

__all__ = ["work"]

REFUSED = "refused"
"""Attribute of a trial whose values do not go together: why."""


_CLEARED = "\r\x1b[K"  # the line in which a bar stands, perhaps another process's


def work(search: Search, start: str) -> None:
    """Train trials of ``search``, a line of each on the terminal; ``start``: of the command, what others of it know.

    A trial whose run fails is left as it is, for the next start to go on with, and the next one is trained.
    """
    with search.lock():
        found = studies(search)
    while (claim := claimed(search, found, start)) is not None:
        try:
            line = _train(search, claim, start)
            forget_weights(search, claim.arm, [_told(claim)])
            print(f"{_CLEARED * sys.stdout.isatty()}{line}", flush=True)
        finally:
            claim.lock.release()


def _told(claim: Claim) -> FrozenTrial:
    """The trial as the journal has it."""
    (found,) = (one for one in claim.study.get_trials(deepcopy=False) if one.number == claim.trial.number)
    return found


def _train(search: Search, claim: Claim, start: str) -> str:
    """What came of the trial, in a line."""
    began, said = time.monotonic(), " ".join(overrides_with(claim.values))
    number = claim.trial.number
    title = f"{claim.arm}, trial {number} ({said})"
    try:
        runs = [search.run(claim.arm, number, claim.values, seed) for seed in search.options.seeds]
    except ValueError as error:
        if line := _fault_of_all(search, claim.arm):
            claim.trial.set_user_attr(FAILED, [start, line])
            return f"{title}: failed: {line}"
        # Each value is right, and they do not go together.
        claim.trial.set_user_attr(REFUSED, one_line(error))
        claim.study.tell(claim.trial, state=TrialState.FAIL)
        return f"{title}: refused: {one_line(error)}"
    try:
        value = measured(claim.trial, runs, search.readings[claim.arm])
    except Pruned as pruned:
        claim.study.tell(claim.trial, state=TrialState.PRUNED)
        return f"{title}: pruned, {pruned}"
    except Exception as error:
        line = one_line(explanation(error) or f"{type(error).__name__}: {error}; run.log has its traceback")
        claim.trial.set_user_attr(FAILED, [start, line])
        return f"{title}: failed: {line}"
    claim.study.tell(claim.trial, value)
    return f"{title}: validation FD {_number(value)}, {time.monotonic() - began:,.0f} s"


def _fault_of_all(search: Search, arm: str) -> str | None:
    """What is wrong by now with values that were right when the search was asked for: a folder of images is gone."""
    try:
        search.run(arm, 0, search.first_values(arm), search.options.seeds[0])
    except ValueError as error:
        return one_line(error)
    return None


def _number(value: float) -> str:
    return "inf, diverged" if value == float("inf") else f"{value:,.1f}"
