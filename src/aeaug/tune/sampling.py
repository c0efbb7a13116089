"""Where the values of a trial are from: the search's seed, the trial's number, and the parameter's key.

A parameter that is drawn by itself, as all of a random trial are, has a stream of its own. So it has the same value
whatever others an arm has, and a trial that was killed between two draws goes on with the next one's stream. TPE draws
all at once where it has trials to learn from, from a stream of the trial: it is drawn anew where the trial is taken up,
and is the same where nothing was told meanwhile.
"""

from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial
from typing_extensions import override

from aeaug.randomness import derive_seed
from aeaug.tune.options import TuneOptions

__all__ = ["sampler_of"]


def sampler_of(options: TuneOptions, number: int) -> BaseSampler:
    """That of the trial with this ``number``: the first ones of a study are drawn at random."""
    if options.sampler == "random" or number < options.random_trials:
        return _Random(options.sampler_seed, number)
    return _TPE(options.sampler_seed, number)


def _seed(sampler_seed: int, number: int, key: str = "") -> int:
    return derive_seed(sampler_seed, f"trial/{key}" if key else "trial", number) % 2**32  # numpy's seeds end there


class _Random(RandomSampler):
    def __init__(self, sampler_seed: int, number: int) -> None:
        super().__init__(_seed(sampler_seed, number))
        self._place = sampler_seed, number

    @override
    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        of_key = RandomSampler(_seed(*self._place, param_name))
        return of_key.sample_independent(study, trial, param_name, param_distribution)


class _TPE(TPESampler):
    def __init__(self, sampler_seed: int, number: int) -> None:
        super().__init__(n_startup_trials=0, seed=_seed(sampler_seed, number))
        self._place = sampler_seed, number

    @override
    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        of_key = TPESampler(n_startup_trials=0, seed=_seed(*self._place, param_name))
        return of_key.sample_independent(study, trial, param_name, param_distribution)
