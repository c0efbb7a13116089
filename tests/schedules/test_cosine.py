import math

import pytest

from aeaug.schedules.cosine import Cosine
from aeaug.schedules.linear import Linear

GIVEN = {"start": 1.0, "end": 0.2, "begin": 100, "until": 500}


def test_half_a_wave_that_meets_the_line_at_both_ends_and_in_the_middle():
    wave, line = Cosine(name="cosine", **GIVEN).share, Linear(name="linear", **GIVEN).share
    for shown in (0, 100, 300, 500, 9_999):
        assert wave(shown) == pytest.approx(line(shown), abs=1e-12)
    assert wave(200) == pytest.approx(0.2 + 0.8 * (1 + math.cos(math.pi / 4)) / 2, abs=1e-12)
    assert wave(200) > line(200)
    assert wave(400) < line(400)
    # It is level at both ends.
    assert abs(wave(101) - wave(100)) < 1e-4 < abs(line(101) - line(100))
