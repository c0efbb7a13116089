from types import SimpleNamespace

import pytest

from aeaug.signs.readings import (
    accepted,
    away,
    fell,
    first_distance,
    followed,
    held,
    learnt,
    off_target,
    overfitting,
    passes_beside,
    real_beside,
    size_of_logits,
    synthetic_beside,
)


def run(readings=(), **work):
    return SimpleNamespace(readings=list(readings), metrics={"work": work})


def said(**numbers):
    return {"discriminator": numbers}


def test_late_readings_are_those_of_the_last_half():
    assert overfitting(run(said(r_v=value) for value in (9.0, 9.0, 9.0, 1.0, None, 2.0))) == 1.5


def test_distances_of_readings_do_not_cancel_and_that_of_their_mean_does():
    around = run(said(r_t=value) for value in (0.0, 0.0, 0.5, 0.7))
    assert away("r_t", 0.6)(around) == pytest.approx(0.1)
    assert off_target(around) == pytest.approx(0)
    assert away("r_t", 0.6)(run([said(r_t=None), said(r_t=None)])) != 0  # NaN: nothing is held


def test_what_a_controller_decides_on_is_held_at_its_target_where_it_is_near_it():
    around = run({"signals": {"p": value}} for value in (0.0, 0.0, 0.5, 0.8))
    assert held("p", 0.6)(around) == pytest.approx(0.15)
    assert held("p", 0.6)(run({"signals": {"p": value}} for value in (0.0, None, 0.7, None))) == pytest.approx(0.1)
    assert not held("p", 0.6)(run([{"signals": {"p": None}}])) < 1  # NaN: nothing is held


def test_the_larger_of_two_logits_counts_whatever_its_sign():
    assert size_of_logits(run([said(logit_train=1.0, logit_generated=-3.0)])) == 3


def test_distances_fall_from_the_first_reading_to_the_last():
    falling = run({"frechet_distance": value} for value in (8.0, 9.0, 2.0))
    assert learnt(falling) == 0.25
    assert first_distance(falling) == 8


def test_counts_of_work():
    worked = run(shown=200, synthetic=80, drawn=100, accepted=80, discriminator=500)
    assert synthetic_beside(0.5)(worked) == pytest.approx(0.1)
    assert accepted(worked) == 0.8
    assert passes_beside(480)(worked) == 20
    assert real_beside(100)(worked) == pytest.approx(0.2)
    assert real_beside(150)(worked) == pytest.approx(0.2)
    assert real_beside(120)(worked) == 0


def course(*points):
    return run({**said(r_v=r_v), "rates": {"p": rate}} for r_v, rate in points)


def test_a_rate_follows_that_rises_above_the_target_and_falls_below():
    assert followed("p", 0.5, 1.0)(course((0.9, 0.1), (0.8, 0.3), (0.2, 0.5), (0.1, 0.2))) == 1
    assert followed("p", 0.5, 1.0)(course((0.9, 0.3), (0.8, 0.1), (0.2, 0.1), (0.1, 0.2))) == 0


def test_what_a_rate_goes_by_may_be_another_signal():
    readings = [{**said(r_v=0.1, r_t=r_t), "rates": {"p": rate}} for r_t, rate in ((0.9, 0.1), (0.8, 0.3))]
    assert followed("p", 0.5, 1.0, by="r_t")(run(readings)) == 1
    assert followed("p", 0.5, 1.0)(run(readings)) == 0


def test_times_that_go_through_the_target_or_have_no_r_v_say_nothing():
    assert followed("p", 0.5, 1.0)(course((0.9, 0.1), (0.1, 0.0), (None, 0.3), (0.9, 0.1))) != 1  # NaN
    assert followed("p", 0.5, 1.0)(course((0.5, 0.1), (0.5, 0.3))) != 1


def test_a_rate_at_its_bounds_has_nowhere_to_go():
    assert followed("p", 0.5, 0.8)(course((0.9, 0.8), (0.9, 0.8))) == 1
    assert followed("p", 0.5, 0.8)(course((0.1, 0.0), (0.1, 0.0))) == 1
    assert followed("p", 0.5, 1.0)(course((0.9, 0.8), (0.9, 0.8))) == 0
    assert followed("p", 0.5, 0.8)(course((0.1, 0.8), (0.1, 0.8))) == 0


def test_times_that_a_rate_fell_are_counted():
    assert fell("p")(course((0, 0.5), (0, 0.4), (0, 0.4), (0, 0.6), (0, 0.1))) == 0.5
