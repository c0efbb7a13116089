"""Runs that were made again are told, and others are not."""

from dataclasses import replace

import pytest

from aeaug.published.repeats import known_before, repeats


def moved(one, by):
    """The same experiment with FD of its first run ``by`` times as large."""
    first, *rest = one.runs
    place = "generated", "frechet_distance", "end", "classifier"
    changed = replace(first, numbers={**first.numbers, place: first.numbers[place] * by})
    found = replace(one, results=one.results)
    found.__dict__["runs"] = (changed, *rest)
    return found


def test_an_experiment_is_that_of_itself_and_another_one_is_not(published):
    one = published["large"]
    (said,) = repeats(one, [one])
    assert said.count("10 of 10 runs, 25,000 images") == 3
    assert said.endswith(" are those of `large`")
    assert not list(repeats(one, [published["regularised"], published["demo"]]))
    assert not list(repeats(one, []))


@pytest.mark.parametrize(("by", "arms"), [(1 + 1e-7, 3), (1.01, 2)])
def test_rounding_makes_no_other_runs_and_more_does(published, by, arms):
    (said,) = repeats(moved(published["large"], by), [published["large"]])
    assert said.count("of 10 runs") == arms


def test_how_far_another_processor_is_off_is_said(published):
    """The same runs on two processors: the largest of their differences, to one digit."""
    (said,) = repeats(published["quality"], [published["ledger"]])
    assert "`append_gaussian` (8 of 8 runs, 500 images, 4 on another processor, with log FD off by up to 1e-08)" in said
    assert "processor" not in next(repeats(published["rivals"], [published["ledger"]]))


def test_only_what_came_before_was_known(published):
    known = known_before([published["ledger"], published["large"], published["rivals"]])
    assert known.keys() == {"rivals"}
    assert known_before([published["rivals"], published["ledger"]]).keys() == {"ledger"}


def test_what_the_ledger_has_is_no_new_evidence(published):
    """The baseline of `rivals` has the ledger's own weight of R1: the same runs, made a second time."""
    (said,) = repeats(published["rivals"], [published["ledger"]])
    assert said == "`none` (10 of 10 runs, 500 images) is that of `ledger`"
