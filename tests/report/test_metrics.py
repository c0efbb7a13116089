import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from aeaug.report.metrics import METRICS
from aeaug.report.records import Discriminator, Leak, Metrics, PeakMemory, Point, Results, Run, Status
from tests.report.synthetic import BUDGET, CORE, DATA

NOT_NUMBERS = {"n", "class_histogram", "data_copying_cells"}
REST = {
    "frechet_distance_infinity": -0.3,
    "kernel_distance": -0.001,
    "classifier_score": 8.1,
    "accuracy_score": 0.9,
    "confident_share": 0.85,
    "frechet_gap": -1.5,
    "authenticity": 0.4,
    "data_copying": -2.5,
    "data_copying_cells": 10,
}
JUDGED = Discriminator(
    logit_train=1.5,
    logit_validation=0.25,
    logit_generated=-1.0,
    real_train=0.9,
    real_validation=0.6,
    real_generated=0.1,
    r_t=0.8,
    r_v=0.5,
)


def run(state="done", **changes):
    test = Metrics(**CORE | REST | changes)
    leak = Leak(
        held_out_accuracy=0.9,
        share_generated=0.3,
        share_real=0.1,
        share_reconstructed=0.8,
        frechet_to_reconstructed=12.0,
        frechet_to_test=15.0,
        frechet_difference=-3.0,
    )
    seconds = {"autoencoder": 0.0, "augmentation": 2.0, "gan": 8.0, "evaluation": 5.0}
    memory = PeakMemory(host_bytes=3 * 2**29)
    status = Status(state=state, images=1000, budget=1000, seconds=seconds, peak_memory=memory)
    points = {"images": 500, "epoch": 1, "loss_d": 1.0, "loss_g": 1.0}
    history = (Point(**CORE | points), Point(**CORE | points | {"images": 1000, "discriminator": JUDGED}))
    floors = {"real": Metrics(**CORE | {"frechet_distance": 2.0})}
    results = Results(data=DATA, feature_net="c3", budget=BUDGET, test=test, floors=floors, leak=leak)
    return Run(Path("runs/a/seed=0"), "a", 0, 500, state, {}, status, results, history)


def test_every_number_of_an_evaluation_is_a_metric():
    tested = set(Metrics.model_fields) - NOT_NUMBERS
    assert tested <= METRICS.keys()
    assert all(METRICS[key].of(run()) == pytest.approx((CORE | REST)[key]) for key in tested)
    assert all(key == metric.key for key, metric in METRICS.items())


def test_the_other_numbers_are_read_where_they_stand():
    expected = {
        "leak_share": 0.3,
        "leak_frechet": -3.0,
        "r_v": 0.5,
        "r_t": 0.8,
        "logit_gap": 1.25,
        "seconds_gan": 8.0,
        "seconds_total": 15.0,
        "seconds_autoencoder": 0.0,
        "seconds_augmentation": 2.0,
        "images_per_second": 100.0,
        "peak_memory": 1.5,
    }
    assert {key: METRICS[key].of(run()) for key in expected} == pytest.approx(expected)
    assert METRICS.keys() == expected.keys() | (set(Metrics.model_fields) - NOT_NUMBERS)


@pytest.mark.parametrize("state", ["running", "diverged", "failed", "missing"])
def test_a_run_that_is_not_done_has_no_numbers(state):
    unfinished = dataclasses.replace(run(), state=state)
    assert [metric.of(unfinished) for metric in METRICS.values()] == [None] * len(METRICS)


def test_a_run_of_an_older_version_lacks_only_what_it_did_not_measure():
    results = Results(data=DATA, feature_net="c3", budget=BUDGET, test=Metrics(**CORE))
    old = Run(Path("a/seed=0"), "a", 0, 500, "done", results=results)
    assert {key for key, metric in METRICS.items() if metric.of(old) is not None} == CORE.keys() - NOT_NUMBERS


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_no_number(value):
    assert METRICS["recall"].of(run(recall=value)) is None
    assert METRICS["frechet_distance"].on_scale(run(frechet_distance=value)) is None


def test_scales():
    metric = METRICS["frechet_distance"]
    assert metric.on_scale(run(frechet_distance=20.0)) == pytest.approx(math.log(20))
    assert metric.of(run(frechet_distance=0.0)) == 0.0
    assert metric.on_scale(run(frechet_distance=0.0)) is None
    for metric in METRICS.values():
        # Whatever may be zero or negative needs its natural scale, or its runs would not be compared.
        value = metric.of(run())
        assert metric.scale == "natural" or value > 0
        assert metric.on_scale(run()) == pytest.approx(math.log(value) if metric.scale == "log" else value)


def test_bounds_are_the_effect_read_downwards_and_upwards():
    assert np.expm1(METRICS["frechet_distance"].bounds(0.2)) == pytest.approx([-0.2, 0.2])
    assert METRICS["kernel_distance"].bounds(3.0) == (-3.0, 3.0)


def test_floors_are_those_of_the_images_only():
    assert METRICS["frechet_distance"].of_floor(run(), "real") == 2.0
    assert METRICS["frechet_distance"].of_floor(run(), "decoded") is None
    assert METRICS["kernel_distance"].of_floor(run(), "real") is None
    assert METRICS["seconds_gan"].of_floor(run(), "real") is None
