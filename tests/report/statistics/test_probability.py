import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from scipy.stats import binomtest

from aeaug.report.arms import Arm
from aeaug.report.statistics.exact_test import of_differences
from aeaug.report.statistics.probability import Improvement, clopper_pearson, improvement, on_side
from aeaug.run.metrics import METRICS
from tests.report.synthetic import Entry, experiment

FD, COVERAGE = METRICS["frechet_distance"], METRICS["coverage"]
Keys = Sequence[tuple[int, int]] | None


def arms(treatment: Sequence[Entry], control: Sequence[Entry], keys: Keys = None) -> tuple[Arm, Arm]:
    (group,) = experiment({"append": treatment, "none": control}, keys=keys).groups
    return group.arms[0], group.arms[1]


@pytest.mark.parametrize("trials", [1, 2, 7, 20])
def test_the_interval_is_that_of_an_independent_implementation(trials: int) -> None:
    for count in range(trials + 1):
        other = binomtest(count, trials).proportion_ci(0.95, method="exact")
        assert clopper_pearson(count, trials) == pytest.approx((other.low, other.high), abs=1e-9)


@pytest.mark.parametrize("n", [1, 6, 12])
def test_all_none_and_half_of_the_pairs(n: int) -> None:
    low, high = [30.0] * n, [40.0] * n
    every, none = improvement([arms(low, high)], FD, -1), improvement([arms(high, low)], FD, -1)
    assert every is not None
    assert none is not None
    assert (every.won, every.probability, none.won, none.probability) == (n, 1.0, 0, 0.0)
    assert every.interval == pytest.approx((0.025 ** (1 / n), 1.0))  # P(all n won) is θ^n
    assert none.interval == pytest.approx((0.0, 1 - 0.025 ** (1 / n)))
    half = improvement([arms(low + high, high + low)], FD, -1)
    assert half is not None
    assert half.probability == 0.5
    assert sum(half.interval) == pytest.approx(1.0)
    assert improvement([arms(high, low)], FD, 1) == every  # the other side


def test_only_the_order_within_pairs_counts() -> None:
    one, other = [30.0, 90.0, 20.0, 55.0], [40.0, 80.0, 25.0, 50.0]
    worlds = (1.0, 100.0, 0.01, 7.0)
    found = improvement([arms(one, other)], FD, -1)
    scaled = [[world * value**3 for world, value in zip(worlds, values, strict=True)] for values in (one, other)]
    assert found is not None
    assert found.won == found.lost == 2
    assert improvement([arms(*scaled)], FD, -1) == found


def test_a_tie_counts_half_and_the_interval_holds_both_ways_to_count_it() -> None:
    found = improvement([arms([30.0] * 6 + [40.0] * 2, [40.0] * 8)], FD, -1)
    assert found is not None
    assert (found.won, found.tied, found.lost, found.probability) == (6, 2, 0, 7 / 8)
    assert found.interval == (clopper_pearson(6, 8)[0], clopper_pearson(8, 8)[1])


def test_a_difference_of_zero_is_a_tie_on_either_side() -> None:
    paired = of_differences({0: 0.0, 1: -1.0, 2: 2.0, 3: -3.0})
    assert paired is not None
    assert on_side(paired, -1) == Improvement(won=2, tied=1, lost=1)
    assert on_side(paired, 1) == Improvement(won=1, tied=1, lost=2)


def test_a_diverged_run_is_worse_than_any_and_ties_with_another() -> None:
    found = improvement([arms(["diverged", 900.0, "diverged"], [900.0, "diverged", "diverged"])], FD, -1)
    assert found is not None
    assert (found.won, found.tied, found.lost) == (1, 1, 1)
    higher = experiment({"append": ["diverged"], "none": [0.1]}, claims=(), metric="coverage").groups[0].arms
    found = improvement([(higher[0], higher[1])], COVERAGE, 1)
    assert found is not None
    assert found.lost == 1


@pytest.mark.parametrize("state", ["running", "failed", "missing", "interrupted"])
def test_a_run_that_came_to_no_end_makes_no_pair(state: str) -> None:
    found = improvement([arms([state, 30.0, 30.0], [40.0, state, 40.0])], FD, -1)
    assert found is not None
    assert found.units == 1
    assert improvement([arms([state], [40.0])], FD, -1) is None


def test_pairs_of_one_subset_are_one_unit() -> None:
    keys = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    found = improvement([arms([30.0, 30.0, 50.0, 50.0, 50.0, 30.0], [40.0] * 6, keys)], FD, -1)
    assert found is not None
    assert (found.won, found.lost) == (1, 1)  # two of three, and one of three


def test_over_sizes_a_unit_needs_a_pair_at_each() -> None:
    sizes = [arms([30.0, 30.0, 50.0, 30.0], [40.0] * 4), arms([30.0, 50.0, 50.0, "missing"], [40.0] * 4)]
    found = improvement(sizes, FD, -1)
    assert found is not None
    assert (found.won, found.tied, found.lost) == (1, 1, 1)


def test_each_reading_and_space_by_itself() -> None:
    best = ("best", "self_supervised")
    pair = arms([{("end", "classifier"): 30.0, best: 50.0}], [{("end", "classifier"): 40.0, best: 40.0}])
    end, other = improvement([pair], FD, -1), improvement([pair], FD, -1, *best)
    assert end is not None
    assert other is not None
    assert (end.won, other.lost) == (1, 1)
    assert improvement([pair], FD, -1, "best") is None


def test_where_all_share_one_training_set_the_unit_is_the_initialisation() -> None:
    keys = [(0, seed) for seed in range(4)]
    pair = arms([30.0] * 4, [40.0] * 4, keys)
    words = {"data.subset_sha256": "one"}
    shared = tuple(replace(arm, runs=tuple(replace(run, words=words) for run in arm.runs)) for arm in pair)
    found = improvement([(shared[0], shared[1])], FD, -1)
    assert found is not None
    assert found.units == 4
    assert math.isclose(found.interval[0], 0.025 ** (1 / 4))
