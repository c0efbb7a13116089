"""The weights of a trial's runs, which nobody needs any more when its value is in the journal: nothing is gone on with
then. What was measured, its curve, its config and its log stay."""

import re
import shutil
from collections.abc import Iterable

from optuna.trial import FrozenTrial

from aeaug.options import RUN
from aeaug.tune.search import Search

__all__ = ["forget_weights"]


def forget_weights(search: Search, arm: str, trials: Iterable[FrozenTrial]) -> None:
    """Delete the checkpoints of those of the ``arm``'s ``trials`` that have come to their end; what a run that was
    interrupted, or failed, goes on from stays."""
    for trial in trials:
        if trial.state.is_finished():
            for folder in search.runs_of(arm, trial.number).glob("seed=*/checkpoints"):
                if re.fullmatch(RUN, folder.parent.name):  # a stale one that was moved aside is kept whole
                    shutil.rmtree(folder, ignore_errors=True)  # what is left over goes at the next start
