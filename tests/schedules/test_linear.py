import pytest

from aeaug.schedules.linear import Linear, progress


def linear(start, end, begin, until):
    return Linear(name="linear", start=start, end=end, begin=begin, until=until)


def test_a_line_between_two_moments_and_level_beyond_them():
    share = linear(0.2, 0.8, 100, 300).share
    assert [share(shown) for shown in (0, 100, 150, 200, 250, 300, 10**9)] == pytest.approx(
        [0.2, 0.2, 0.35, 0.5, 0.65, 0.8, 0.8], abs=1e-12
    )


def test_out_is_in_turned_round():
    out, into = linear(1, 0, 50, 950).share, linear(0, 1, 50, 950).share
    assert all(out(shown) + into(shown) == pytest.approx(1, abs=1e-12) for shown in range(0, 1000, 37))
    assert out(950) == 0
    assert into(950) == 1


def test_progress_is_from_nothing_to_all():
    assert [progress(shown, 10, 20) for shown in (0, 10, 15, 20, 30)] == [0, 0, 0.5, 1, 1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((1, 0, 300, 300), r"schedule\.until=300: must be above schedule\.begin=300"),
        ((1, 0, 301, 300), r"schedule\.until=300: must be above"),
        ((0.5, 0.5, 0, 300), r"schedule\.start=0\.5, end=0\.5: they are equal"),
        ((1.5, 0, 0, 300), "less than or equal to 1"),
    ],
)
def test_what_goes_nowhere_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        linear(*given)
