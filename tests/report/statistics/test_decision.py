"""What a claim is decided by: where diverged pairs may lie, and counts of what is 0 or 1."""

import pytest
from scipy.stats import binom

from aeaug.report.statistics.decision import Ends
from aeaug.report.statistics.exact_test import of_differences
from aeaug.run.claims import Claim
from tests.report.synthetic import CLAIM


def ends(low, high):
    return Ends(*(of_differences(dict(enumerate(differences))) for differences in (low, high)))


def test_what_an_estimate_stands_beside_holds_both_placings_of_a_diverged_pair():
    """Of 127 means of subsets an end is the third: the lost pair alone is at -2 or 2, with one other at -1.5 or 0.5."""
    assert ends([-1.0] * 6 + [-2.0], [-1.0] * 6 + [2.0]).span == (-1.5, 0.5)
    assert ends([-1.0, -2.0], [-1.0, 2.0]).span == (-2, 2)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("differ", [0, 3, 30])
def test_that_what_is_0_or_1_differs_by_less_is_the_binomial_probability_of_so_few_units(differ, sign):
    """The larger one of both sides, so that of the side on which there are more."""
    claim = Claim(**CLAIM | {"metric": "diverged", "smallest_effect": 0.1})
    one = [sign] * differ + [0.0] * (30 - differ)
    assert ends(one, one).none(claim) == pytest.approx(binom.cdf(differ, 30, 0.1), rel=1e-9)
