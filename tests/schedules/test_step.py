import pytest

from aeaug.schedules.step import Step


def test_one_share_until_a_moment_and_another_from_then_on():
    share = Step(name="step", start=0.25, end=1.0, at=640).share
    assert [share(shown) for shown in (0, 639, 640, 10**9)] == [0.25, 0.25, 1.0, 1.0]


def test_what_goes_nowhere_is_refused():
    with pytest.raises(ValueError, match=r"schedule\.start=1, end=1: they are equal, which is constant"):
        Step(name="step", start=1.0, end=1.0, at=640)
