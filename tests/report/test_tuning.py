import math

import pandas as pd
import pytest

from aeaug.report import tuning
from aeaug.report.tuning import CURVES as COLUMNS_OF_CURVES
from aeaug.report.tuning import curves
from aeaug.run.table import COLUMNS

KEY = "gan.r1_gamma"


def run(gamma, seed, curve, n_train=100, state="done", **settings):
    """Rows of a run whose validation FD is ``curve``, by images shown."""
    own = {"experiment": "t", "arm": f"none,{KEY}={gamma}", "n_train": n_train, "seed": seed, "state": state}
    rows = [
        own
        | {"split": "validation", "set": "generated", "metric": "frechet_distance", "images": images, "value": value}
        for images, value in curve.items()
    ]
    said = {KEY: gamma, "data.n_train": n_train, "gan.loss": "minimax"} | settings
    rows += [own | {"set": "setting", "metric": name, "note": str(value)} for name, value in said.items()]
    empty = {name: "" for name, kind in COLUMNS.items() if kind == "str"} | {"images": None, "value": math.nan}
    return [empty | dict.fromkeys(COLUMNS.keys() - empty.keys(), 0) | row for row in rows]


def tunings(table, key, budgets=()):
    return tuning.tunings(curves(table, key), key, budgets)[0]


def table(*runs):
    return pd.DataFrame([row for one in runs for row in one])[list(COLUMNS)].astype(COLUMNS)


CURVES = {
    0.3: ({10: 40, 20: 80}, {10: 90, 20: 20}),
    1: ({10: 9, 20: 4}, {10: 16, 20: 25}),
    3: ({10: 30, 20: 10}, {10: 30, 20: 40}),
}


def grid(**changes):
    return [run(gamma, seed, curve, **changes) for gamma, curves in CURVES.items() for seed, curve in enumerate(curves)]


def test_a_cell_is_the_geometric_mean_at_the_end_and_of_the_best_until_then():
    (found,) = tunings(table(*grid()), KEY)
    assert (found.n_train, found.images, found.chosen, found.inside) == (100, 20, 1, True)
    assert found.end == {0.3: (80, 20), 1: (4, 25), 3: (10, 40)}
    assert found.best == {0.3: (40, 20), 1: (4, 16), 3: (10, 30)}
    rows = found.markdown().splitlines()
    assert rows[0] == "**100 images, 20 shown**"
    assert rows[-3:] == ["| 0.3 | 40 | 80, 20 | 28 |", "| 1 | **10** | 4, 25 | 8 |", "| 3 | 20 | 10, 40 | 17 |"]


def test_runs_of_one_arm_are_taken_out_of_several():
    """Arms that differ in more than the option are refused, unless one is asked for."""
    several = table(*grid(), *(run(2, seed, {20: 7}, **{"gan.loss": "hinge"}) for seed in range(2)))
    with pytest.raises(ValueError, match=r"^gan\.loss: runs that are compared by gan\.r1_gamma differ in it"):
        curves(several, KEY)
    pd.testing.assert_frame_equal(curves(several, KEY, {"gan.loss": "MINIMAX"}), curves(table(*grid()), KEY))
    with pytest.raises(ValueError, match=r"^no such runs gan\.loss=wgan$"):
        curves(several, KEY, {"gan.loss": "wgan"})


def test_earlier_budgets_and_sizes_have_tables_of_their_own():
    found = tunings(table(*grid(), *grid(n_train=500)), KEY, [10, 20])
    assert [(one.images, one.n_train) for one in found] == [(10, 100), (10, 500), (20, 100), (20, 500)]
    assert found[0].end == {0.3: (40, 90), 1: (9, 16), 3: (30, 30)}


def test_the_smallest_at_an_end_of_the_grid_is_said():
    (found,) = tunings(table(*grid()[2:]), KEY)
    assert not found.inside
    assert "at an end of the grid" in found.markdown()


def test_a_weight_of_zero_is_no_end_of_a_grid_for_nothing_is_below_it():
    (found,) = tunings(table(run(0, 0, {20: 5}), run(1, 0, {20: 9})), KEY)
    assert found.chosen == 0
    assert found.inside
    (found,) = tunings(table(run(0, 0, {20: 5})), KEY)
    assert not found.inside, "of it alone nothing is known"


def test_a_diverged_run_is_infinitely_bad():
    runs = [*grid()[:2], run(1, 0, {10: 1}, state="diverged"), *grid()[3:]]
    (found,) = tunings(table(*runs), KEY, [20])
    assert found.end[1] == (math.inf, 25)
    assert found.chosen == 3


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([*grid()[:-1]], "its values have not the same seeds at 100"),
        (
            [*grid()[:-1], run(3, 1, {10: 5})],
            r"n_train=100, seed=1: no reading at 20 images \(done",
        ),
        ([*grid()[:-1], run(3, 1, {10: 5, 20: 5}, **{"gan.loss": "x"})], "gan.loss: runs that are compared .*minimax"),
    ],
)
def test_what_cannot_be_compared_is_one_line(runs, said):
    with pytest.raises(ValueError, match=said) as caught:
        tunings(table(*runs), KEY)
    assert "\n" not in str(caught.value)


def test_an_option_that_runs_do_not_have_is_named():
    with pytest.raises(ValueError, match=r"gan\.r2: no option of none"):
        tunings(table(*grid()), "gan.r2")


def test_curves_come_back_from_a_file(tmp_path):
    found = curves(table(*grid(), run(9, 0, {}, state="diverged")), KEY)
    found.to_csv(tmp_path / "curves.csv", index=False)
    again = pd.read_csv(tmp_path / "curves.csv").astype(COLUMNS_OF_CURVES)
    pd.testing.assert_frame_equal(again, found)


def test_kept_curves_and_those_of_new_runs_make_one_table():
    small, large = (curves(table(*grid(n_train=n)), KEY) for n in (100, 500))
    found = tuning.together([large, small])
    assert found["n_train"].drop_duplicates().to_list() == [100, 500]
    assert tuning.tunings(found, KEY)[0] == tunings(table(*grid(), *grid(n_train=500)), KEY)
    more = curves(table(*(run(9, seed, {10: 1, 20: 2}) for seed in (0, 1))), KEY)
    ((wider,), _) = tuning.tunings(tuning.together([small, more]), KEY)
    assert list(wider.end) == [0.3, 1, 3, 9]
    with pytest.raises(ValueError, match=r"^data\.n_train=100, value 0\.3, seed=0: is in two of the sources$"):
        tuning.together([small, more, small])


def test_a_run_that_was_left_tells_the_budgets_that_it_came_to():
    left = run(9, 1, {10: 3}, state="interrupted")
    alone = run(27, 0, {10: 1, 20: 1}, state="interrupted")  # its other seed was never begun
    given = curves(table(*grid(), run(9, 0, {10: 2, 20: 2}), left, alone), KEY)
    ((early, late), missing) = tuning.tunings(given, KEY, [10, 20])
    assert early.end[9] == (2, 3)
    assert list(late.end) == list(late.best) == [0.3, 1, 3]
    where = "data.n_train=100: no reading at"
    assert missing == [
        f"gan.r1_gamma=27, {where} 10 images of seeds [1]",
        f"gan.r1_gamma=9, {where} 20 images of seeds [1]",
        f"gan.r1_gamma=27, {where} 20 images of seeds [1]",
    ]


def test_a_run_that_was_left_before_it_had_settings_is_none():
    begun = run(9, 0, {10: 1}, state="interrupted")[:1]
    assert curves(table(*grid(), begun), KEY).equals(curves(table(*grid()), KEY))


def test_what_follows_from_the_size_may_differ_between_sizes():
    both = [*grid(steps=250), *grid(n_train=500, steps=750)]
    assert [one.n_train for one in tunings(table(*both), KEY)] == [100, 500]
    with pytest.raises(
        ValueError, match=r"^steps: runs that are compared by gan\.r1_gamma differ in it \(250 and 750\)"
    ):
        tunings(table(*grid(steps=250)[:-1], run(3, 1, CURVES[3][1], steps=750)), KEY)
