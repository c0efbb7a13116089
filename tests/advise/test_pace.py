"""What short runs say of the time that others take."""

from types import SimpleNamespace

import pytest

from aeaug.advise import pace as module
from aeaug.advise.pace import measured_pace


def test_the_seconds_of_short_runs_are_told_apart(monkeypatch):
    """Probes of 6,400 images with two readings of a second each.

    None: 6.4 s of training, 1 ms an image; besides, 10 - 6.4 - 2 = 1.6 s. The arm: 12.8 s, 2 ms an image; besides,
    30 - 12.8 - 2 = 15.2 s, of which 13.6 are for what is kept. On the test split: 40 - 12.8 - 2 = 25.2 s, and
    measuring takes 10 s more than its two readings; the other run of a pair takes 1.6 s.
    """
    timed = {
        "none": (10.0, {"gan": 6.4, "evaluation": 2.0}),
        "arm=a": (30.0, {"gan": 12.0, "augmentation": 0.8, "evaluation": 2.0}),
        "arm=a, on the test split": (40.0, {"gan": 12.8, "evaluation": 12.0}),
    }
    injections = {("arm=a",): "append"}
    advice = SimpleNamespace(
        options=SimpleNamespace(tuning_seeds=[9000], images=[6_400]),
        candidates=(("arm=a",),),
        plain=SimpleNamespace(spaces=(), budget=SimpleNamespace(batch_size=64)),
        probe=lambda one, *_, test: SimpleNamespace(augmentation=SimpleNamespace(name=injections.get(one, "none"))),
    )
    monkeypatch.setattr(module, "quieten", lambda: None)
    monkeypatch.setattr(module, "_timed", lambda options, bar, kind: timed[kind])
    found = measured_pace(advice)
    assert (found.none, *found.candidates) == pytest.approx((0.001, 0.002))
    assert (found.reading, found.each, found.subset) == pytest.approx((1.0, 1.6, 13.6))
    assert found.pair == pytest.approx(25.2 + 1.6 + 10)
