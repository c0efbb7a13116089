"""The change of validation FD over the last four fifths of a training, as a number of a run."""

import math

import pytest

from aeaug.run.files import Files
from aeaug.run.metrics import METRICS, RunMetric


def late_change(points):
    metric = METRICS["late_change"]
    assert isinstance(metric, RunMetric)
    return metric.read(Files(history=[{"images": images, "frechet_distance": value} for images, value in points]))


def test_it_is_the_last_reading_over_that_at_a_fifth():
    assert late_change([(100, 50.0), (200, 40.0), (700, 35.0), (1000, 30.0)]) == pytest.approx(30 / 40)


@pytest.mark.parametrize("power", [-0.7, 0.0, 0.4])
@pytest.mark.parametrize("readings", [range(150, 1001, 170), range(99, 1001, 53)])
def test_between_two_readings_a_power_law_is_read_as_it_is(power, readings):
    readings = [*readings, 1000]
    assert late_change([(n, 30.0 * n**power) for n in readings]) == pytest.approx(5**power)


def test_its_paired_difference_is_the_change_of_the_effect():
    """log late change, treatment minus control, is the effect on log FD at the end minus that at a fifth."""
    control, treatment = [(20, 80.0), (100, 50.0)], [(20, 60.0), (100, 55.0)]
    change = math.log(late_change(treatment)) - math.log(late_change(control))
    assert change == pytest.approx(math.log(55 / 50) - math.log(60 / 80))


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(100, 40.0)],
        [(21, 40.0), (100, 30.0)],
        [(20, None), (21, 40.0), (100, 30.0)],
        [(20, math.nan), (100, 30.0)],
        [(0, 90.0), (30, 40.0), (100, 30.0)],
    ],
)
def test_where_nothing_was_read_by_a_fifth_there_is_none(points):
    assert late_change(points) is None
