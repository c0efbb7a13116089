"""What is planted: variances and correlations of differences, which runs diverge, and that reports see it so."""

import numpy as np
import pytest

from aeaug.report.verdict.simulation import Scenario, outcomes, report_of
from aeaug.report.verdict.verdict import verdicts

MANY = 4_000


def differences(scenario):
    treatments, controls = scenario.draw(np.random.default_rng(3))
    return treatments - controls


def correlation(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


@pytest.mark.parametrize("shared", [False, True])
def test_differences_have_their_effects_and_variance_one(shared):
    found = differences(Scenario("normal", [0.0, 2.0], 0.1, pairs=MANY, shared=shared))[..., 0]
    assert found.mean(1) == pytest.approx([0.0, 2.0], abs=0.06)
    assert found.std(1) == pytest.approx([1.0, 1.0], rel=0.04)
    assert correlation(*found) == pytest.approx(0.5 if shared else 0.0, abs=0.05)


@pytest.mark.parametrize(("more", "axis"), [({"sizes": 2}, 2), ({"initialisations": 2}, 1)])
def test_sizes_and_initialisations_of_a_subset_are_correlated(more, axis):
    found = differences(Scenario("normal", [0.0], 0.1, pairs=MANY, correlation=0.6, **more))[0]
    pairs = found.T if axis == 2 else found.reshape(-1, 2).T
    assert correlation(*pairs) == pytest.approx(0.6, abs=0.05)
    assert found.std() == pytest.approx(1.0, rel=0.04)


def test_runs_diverge_as_often_as_planned_and_a_shared_control_once_for_all():
    scenario = Scenario("normal", [0.0, 0.0], 0.1, pairs=MANY, shared=True, diverging=(0.1, 0.3))
    treatments, controls = scenario.draw(np.random.default_rng(0))
    assert np.isnan(treatments).mean() == pytest.approx(0.1, abs=0.02)
    assert np.isnan(controls).mean() == pytest.approx(0.3, abs=0.03)
    assert np.array_equal(controls[0], controls[1], equal_nan=True)


def test_a_report_has_the_arms_units_and_losses_that_were_planted():
    scenario = Scenario("normal", [3.0, 3.0], 0.1, pairs=12, initialisations=2, shared=True, diverging=(0.2, 0.0))
    treatments, controls = scenario.draw(np.random.default_rng(1))
    results = report_of(scenario, treatments, controls)
    assert {arm.name for arm in results.groups[0].arms} == {"control", "treatment-0", "treatment-1"}
    for place, verdict in enumerate(verdicts(results)):
        found = verdict.sizes[0].found
        assert len(found.every) == 12
        assert len(found.diverged) == np.isnan(treatments[place]).sum() > 0
        assert {subset for subset, _ in found.every} == set(range(6))


def test_errors_stay_rare_where_claims_share_a_control_and_where_runs_diverge():
    """A small version of what scripts/simulate_verdicts.py prints: at most 5%, here within what 60 reports can say."""
    for more in ({"shared": True}, {"diverging": (0.15, 0.0)}, {"pairs": 20, "initialisations": 2}):
        found = outcomes(Scenario("normal", [0.0] * 6, 0.01, **{"pairs": 10, **more}), 60)
        assert sum(any(one in ("supported", "refuted") for one in report) for report in found) <= 9  # P(more) < 0.1%
