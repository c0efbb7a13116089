import optuna
import pytest

from aeaug.tune.pruning import SeedMedian, step

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
