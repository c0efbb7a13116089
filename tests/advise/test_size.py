"""What minutes buy."""

import math
import re

import pytest

from aeaug.advise.options import AdviseOptions, parse_advise
from aeaug.advise.pace import Pace
from aeaug.advise.size import FEWEST, MOST, SPARE, minutes_needed, size_of, sized
from aeaug.run.claims import pairs_needed

PACE = Pace(none=1e-4, candidates=(1e-4, 2e-4, 3e-4), reading=0.5, each=2.0, subset=20.0, pair=30.0)
OPTIONS = {"arms": ["diffaugment", "append_gaussian"], "weights": [10], "tuning_seeds": [9000, 9001]}
OPTIONS |= {"minutes": 60, "images": [100_000, 200_000, 400_000], "smallest_effect": 0.05}


@pytest.fixture
def options():
    return AdviseOptions(**OPTIONS)


def test_the_fewest_pairs_are_those_that_can_decide_one_claim():
    assert pairs_needed(1) == FEWEST == 6


def test_seconds_are_those_of_all_runs_over_the_workers(options):
    one = size_of(PACE, options, 1, 100_000, 6)
    # Four runs on two seeds, of 20 readings each; six pairs of the slowest candidate and none.
    tuning = 2 * (4 * (2.0 + 10.0) + 20.0 + 100_000 * (1e-4 + 2e-4 + 3e-4 + 1e-4))
    measuring = 6 * (30.0 + 2 * 10.0 + 100_000 * 4e-4)
    assert one.tuning == pytest.approx(1.25 * tuning)
    assert one.measuring == pytest.approx(1.25 * measuring)
    assert one.weights == pytest.approx(1.25 * 2 * (2.0 + 10.0 + 10.0))
    two = size_of(PACE, options, 2, 100_000, 6)
    assert (two.tuning, two.measuring) == pytest.approx((one.tuning / 2, one.measuring / 2))
    assert size_of(PACE, options, 3, 100_000, 6).tuning == pytest.approx(one.tuning * 3 / 8)  # two wait for the last
    five = size_of(PACE, options, 5, 100_000, 6)
    assert five.measuring == pytest.approx(one.measuring * 3 / 12)  # of both runs of each of six pairs


def test_what_is_bought_fits_and_grows_with_the_minutes(options):
    sizes = [sized(PACE, options, 2, minutes) for minutes in range(1, 120)]
    assert sizes[0] is None
    bought = [(minutes, one) for minutes, one in enumerate(sizes, 1) if one]
    assert all(one.seconds <= 60 * minutes for minutes, one in bought)
    assert all(FEWEST <= one.pairs <= MOST for _, one in bought)
    images = [one.images for _, one in bought]
    assert images == sorted(images)
    assert set(images) == {100_000, 200_000, 400_000}
    assert all(one.pairs >= 8 for _, one in bought if one.images > 100_000)
    assert bought[-1][1].pairs == MOST
    within = [[one.pairs for _, one in bought if one.images == size] for size in set(images)]
    assert all(pairs == sorted(pairs) for pairs in within)


def test_a_larger_budget_is_bought_as_soon_as_eight_pairs_of_it_fit(options):
    needed = size_of(PACE, options, 1, 200_000, 8).seconds / 60
    one, less = (sized(PACE, options, 1, minutes) for minutes in (needed + 0.01, needed - 0.01))
    assert (one.images, one.pairs) == (200_000, 8)
    assert less.images == 100_000


def test_what_takes_exactly_so_many_minutes_fits(options):
    least = size_of(PACE, options, 1, 100_000, 6)
    assert sized(PACE, options, 1, least.seconds / 60) == least


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_minutes_that_would_do_do_and_hardly_fewer_would(options, workers):
    needed = minutes_needed(PACE, options, workers)
    assert needed == math.ceil(1.1 * size_of(PACE, options, workers, 100_000, 6).seconds / 60)
    assert sized(PACE, options, workers, needed).pairs >= FEWEST
    assert sized(PACE, options, workers, (needed - 1) / SPARE - 0.01) is None


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"minutes": 0}, "advise.minutes=0: input should be greater than 0"),
        ({"minutes": "long"}, "advise.minutes=long: input should be a number"),
        ({"weights": [-1]}, "advise.weights=[-1.0]: a weight of R1 is at least 0"),
        ({"weights": [1, 1]}, "advise.weights=[1.0, 1.0]: each once"),
        ({"tuning_seeds": [3]}, "advise.tuning_seeds=[3]: 9000 to 9999 are kept for tuning, and no others"),
        ({"tuning_seeds": []}, "advise.tuning_seeds=[]: at least one"),
        ({"images": [405]}, "advise.images=[405]: a run has 20 readings, so each is a multiple of 20"),
        ({"images": [800, 400]}, "advise.images=[800, 400]: the smallest first"),
        ({"minute": 3}, "advise.minute=3: no such option; is it minutes?"),
    ],
)
def test_wrong_options_are_named(changes, line):
    with pytest.raises(ValueError, match=f"^{re.escape(line)}$"):
        parse_advise(OPTIONS | changes)


def test_a_weight_that_none_has_is_no_option(options):
    assert options.without(10.0).weights == ()
    assert options.without(3.0) == options
