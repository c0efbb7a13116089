"""What is said of studies with planted trials."""

import math

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from aeaug.tune.found import found_in
from aeaug.tune.journal import journal
from aeaug.tune.page import write_page
from aeaug.tune.plan import plan_text
from aeaug.tune.result import write_option_file
from aeaug.tune.space import Choices, Range
from aeaug.tune.tune import _summary
from tests.tune.test_search import a_search

WEIGHT = {"low": 0.1, "high": 300, "log": True}
SPACE = {"gan.r1_gamma": WEIGHT, "gan.beta1": {"low": 0.0, "high": 0.9}, "gan/loss": ["hinge", "non_saturating"]}


def study_of(search, weight, complete=10, more=()):
    """With so many complete trials, of which the first, the best, has this weight; and ``more`` of other states."""
    study = optuna.create_study(study_name="none")
    distributions = {
        "gan.r1_gamma": optuna.distributions.FloatDistribution(0.1, 300, log=True),
        "gan.beta1": optuna.distributions.FloatDistribution(0.0, 0.9),
        "gan/loss": optuna.distributions.CategoricalDistribution(("hinge", "non_saturating")),
    }
    states = [*[TrialState.COMPLETE] * complete, *more]
    for place, state in enumerate(states):
        params = {"gan.r1_gamma": weight if place == 0 else 1.0, "gan.beta1": 0.4, "gan/loss": "hinge"}
        value = 1.0 + place if place < 9 else math.inf
        study.add_trial(create_trial(state=state, value=value, params=params, distributions=distributions))
    return study


@pytest.mark.parametrize(
    ("weight", "end"),
    [(297.0, "upper"), (210.0, "upper"), (190.0, None), (16.0, None), (0.16, None), (0.14, "lower"), (0.1, "lower")],
)
def test_a_best_value_at_an_end_of_its_range_is_said(tmp_path, weight, end):
    search = a_search(tmp_path, "arm=none", space=SPACE)
    found = found_in(search, "none", study_of(search, weight))
    line = f"gan.r1_gamma={weight:g} is at the {end} end of 0.1 to 300: a wider range may have a better one"
    assert found.best.ends == ((line,) if end else ())


def test_of_fewer_than_ten_complete_trials_nothing_is_said(tmp_path):
    search = a_search(tmp_path, "arm=none", space=SPACE)
    study = study_of(search, 297.0, 9, [TrialState.PRUNED] * 5)
    assert found_in(search, "none", study).best.ends == ()


def test_page_and_option_file_say_it_too(tmp_path):
    search = a_search(tmp_path, "arm=none", space=SPACE)
    search.folder.mkdir(parents=True)
    study = study_of(search, 297.0)
    found = found_in(search, "none", study)
    (line,) = found.best.ends
    assert f"\n# {line}\n" in write_option_file(search, found).read_text()
    assert f"none: {line}</p>" in write_page(search, {"none": study}, [found]).read_text()
    assert f"\n  {line}" in _summary(found)


def test_trials_that_were_asked_for_before_count(tmp_path):
    """Three are asked for now."""
    search = a_search(tmp_path, "arm=none", space=SPACE)
    search.folder.mkdir(parents=True)
    study = study_of(search, 1.0, 5)
    found = found_in(search, "none", study)
    assert (found.done, found.asked) == (5, 5)
    assert "5 of 5 trials done" in _summary(found)
    kept = optuna.create_study(storage=journal(search.journal), study_name="none")
    kept.add_trials(study.trials)
    assert "; 5 of 5 trials are begun" in plan_text(search)


@pytest.mark.parametrize(("value", "end"), [(1, "lower"), (2, "lower"), (3, None), (20, None), (40, "upper")])
def test_integers_have_ends(value, end):
    assert Range(low=1, high=40).end(value) == end


def test_choices_have_none():
    assert not hasattr(Choices(choices=(1, 2)), "end")
