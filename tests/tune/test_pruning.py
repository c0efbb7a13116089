import math
from types import SimpleNamespace

import optuna
import pytest

from aeaug.run.pruning import Pruned
from aeaug.tune.objective import SEEDS, measured
from aeaug.tune.pruning import SeedMedian, lost, settled, step

READINGS = 4


def told(study, *curves):
    """A complete trial with a curve of each seed."""
    trial = study.ask()
    for seed, curve in enumerate(curves):
        for reading, value in enumerate(curve):
            trial.report(value, step(seed, reading, READINGS))
    study.tell(trial, curves[-1][-1])


def pruned_at(study, *curves):
    """Seed and reading at which a trial with these curves is pruned; None where it is not."""
    trial = study.ask()
    for seed, curve in enumerate(curves):
        for reading, value in enumerate(curve):
            trial.report(value, step(seed, reading, READINGS))
            if trial.should_prune():
                return seed, reading
    return None


@pytest.fixture
def study():
    study = optuna.create_study(pruner=SeedMedian(READINGS, trials=3, warmup=1))
    for level in (1, 2, 3):
        told(study, [9 * level, 8 * level, 7 * level, 6 * level], [90 * level, 80 * level, 70 * level, 60 * level])
    return study


def test_a_curve_is_compared_with_the_median_of_the_same_seed_at_the_same_reading(study):
    assert pruned_at(study, [18, 16, 14, 12], [180, 160, 140, 120]) is None  # the median itself
    assert pruned_at(study, [18, 17, 1, 1]) == (0, 1)
    assert pruned_at(study, [18, 16, 14.1, 1]) == (0, 2)


def test_a_seed_is_not_shielded_by_an_easier_one(study):
    assert pruned_at(study, [1, 1, 1, 1], [180, 161]) == (1, 1)


def test_the_best_reading_so_far_counts(study):
    assert pruned_at(study, [10, 999, 999, 999]) is None


def test_each_seed_has_its_warmup(study):
    assert pruned_at(study, [999, 1, 1, 1], [999, 1, 1, 1]) is None


def test_nothing_is_pruned_before_so_many_trials_are_complete():
    study = optuna.create_study(pruner=SeedMedian(READINGS, trials=3, warmup=0))
    told(study, [1, 1, 1, 1])
    told(study, [1, 1, 1, 1])
    assert pruned_at(study, [9, 9, 9, 9]) is None


@pytest.mark.parametrize(
    ("finished", "seeds", "expected"),
    [
        ([], 3, False),
        ([40], 3, False),  # the other two may be larger
        ([40, 41], 3, True),  # the median is 41, or smaller
        ([40, 50], 3, False),  # as large as that of the complete trials
        ([40, math.inf], 3, False),
        ([40], 2, False),  # of two, the mean of both
        ([40, 41], 4, False),  # of four, the mean of the second and the third
        ([40, 41, 58], 4, True),
        ([40, 41, 60], 4, False),
        ([], 1, False),
    ],
)
def test_a_trial_is_settled_where_no_seed_that_is_missing_can_make_it_worse_than_the_median(finished, seeds, expected):
    study = optuna.create_study()
    assert not settled(study, finished, seeds), "there is nothing to compare with"
    for value in (10, 50, math.inf):
        study.add_trial(optuna.trial.create_trial(value=value))
    study.add_trial(optuna.trial.create_trial(value=1, state=optuna.trial.TrialState.PRUNED))
    assert settled(study, finished, seeds) is expected


def test_where_most_trials_diverged_one_with_a_finite_median_is_settled():
    study = optuna.create_study()
    for value in (10, math.inf, math.inf):
        study.add_trial(optuna.trial.create_trial(value=value))
    assert settled(study, [1e6, 1e6], 3)
    assert not settled(study, [1e6], 3)


@pytest.mark.parametrize(
    ("finished", "seeds", "expected"),
    [
        ([], 1, False),
        ([math.inf], 1, True),
        ([math.inf], 2, True),  # of two, the mean of both
        ([math.inf], 3, False),
        ([40, math.inf], 3, False),
        ([math.inf, math.inf], 3, True),
        ([math.inf], 4, False),
        ([math.inf, 40, math.inf], 4, True),  # of four, the mean of the second and the third
        ([math.inf, 40, math.inf], 5, False),
    ],
)
def test_a_trial_is_lost_where_no_seed_that_is_missing_can_make_its_median_finite(finished, seeds, expected):
    assert lost(finished, seeds) is expected


class Run:
    """One that tells a curve, a reading an epoch, and trains nothing."""

    def __init__(self, options, watch):
        self.curve, self.watch = options.curve, watch
        self.folder = SimpleNamespace(set_aside=lambda: None, read_history=list, finished=lambda: False)

    def run(self):
        for epoch, value in enumerate(self.curve, 1):
            self.watch({"epoch": epoch, "frechet_distance": value})
        return self.curve[-1]


def value_of(study, *curves):
    """What a trial with a curve of each seed is worth; None where it is pruned."""
    evaluation = SimpleNamespace(test=False, every=1)
    runs = [SimpleNamespace(seed=seed, curve=curve, evaluation=evaluation) for seed, curve in enumerate(curves)]
    trial = study.ask()
    try:
        value = measured(trial, runs, READINGS)
    except Pruned:
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        return None
    study.tell(trial, value)
    return value


def test_the_last_of_three_seeds_prunes_no_trial_whose_median_is_small_whatever_it_has(monkeypatch):
    monkeypatch.setattr("aeaug.tune.objective.Run", Run)
    study = optuna.create_study(pruner=SeedMedian(READINGS, trials=2, warmup=0))
    for value in (50, 52):
        assert value_of(study, *[[value] * READINGS] * 3) == value
    assert value_of(study, [40] * READINGS, [41] * READINGS, [60] * READINGS) == 41
    assert value_of(study, [40] * READINGS, [60] * READINGS) is None, "its median may be larger"
    assert value_of(study, [60] * READINGS) is None


def test_of_a_trial_that_is_lost_the_other_seeds_are_not_trained(monkeypatch):
    """A run that diverges is worth inf, whatever its curve was."""
    monkeypatch.setattr("aeaug.tune.objective.Run", Run)
    study = optuna.create_study()
    diverging = [50.0] * (READINGS - 1) + [math.inf]
    assert value_of(study, diverging, [40] * READINGS, [41] * READINGS) == 41
    assert value_of(study, diverging, diverging, None) == math.inf  # None would be a bug if anything trained it
    one, two = study.trials
    assert one.user_attrs[SEEDS] == {"0": None, "1": 40, "2": 41}
    assert two.user_attrs[SEEDS] == {"0": None, "1": None}
