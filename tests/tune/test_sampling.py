import optuna
import pytest

from aeaug.tune.sampling import sampler_of
from aeaug.tune.space import Choices, Range
from tests.tune.test_bar import OPTIONS

SHARED = {
    "gan.r1_gamma": Range(low=0.1, high=300.0, log=True),
    "gan.lr_generator": Range(low=1e-4, high=1e-2),
    "gan/loss": Choices(choices=("hinge", "non_saturating", "relativistic")),
}
OF_ONE = {"augmentation.ratio": Range(low=0.1, high=2.0), **SHARED, "perturbation.sigma": Range(low=0.1, high=1.0)}
RANDOM = OPTIONS.model_copy(update={"sampler": "random"})


def drawn(study, space, options, number, trial=None):
    """The values of a trial of ``study``, by key; a new one unless one is given."""
    study.sampler = sampler_of(options, number)
    trial = study.ask() if trial is None else optuna.Trial(study, trial._trial_id)
    return {key: one.suggested(key, trial) for key, one in space.items()}


@pytest.mark.parametrize("number", [0, 1, 2])
def test_arms_share_the_values_of_the_parameters_that_they_share(number):
    one, other = (drawn(optuna.create_study(), space, RANDOM, number) for space in (SHARED, OF_ONE))
    assert one == {key: other[key] for key in SHARED}


def test_trials_seeds_and_parameters_have_streams_of_their_own():
    alike = {key: Range(low=0.0, high=1.0) for key in ("a", "b", "c")}
    study = optuna.create_study()
    values = [drawn(study, alike, RANDOM, number) for number in (0, 1, 2)]
    values.append(drawn(study, alike, RANDOM.model_copy(update={"sampler_seed": 1}), 0))
    assert len({value for trial in values for value in trial.values()}) == 12


@pytest.mark.parametrize("number", [0, 3], ids=["at random", "by TPE"])
@pytest.mark.parametrize("told", [0, 3], ids=["nothing is told", "some are"])
def test_a_trial_that_was_killed_between_two_draws_has_the_values_of_one_that_was_not(number, told):
    """And none of its numbers twice."""
    alike = {key: Range(low=0.0, high=1.0) for key in ("a", "b", "c")}
    found = []
    for kill in (False, True):
        study = optuna.create_study()
        for place in range(told):
            drawn(study, alike, RANDOM, place)
            study.tell(place, float(place))
        trial = None
        if kill:
            study.sampler = sampler_of(OPTIONS, number)
            trial = study.ask()
            alike["a"].suggested("a", trial)
        found.append(drawn(study, alike, OPTIONS, number, trial))
    assert found[0] == found[1]
    assert len({*found[0].values()}) == 3
