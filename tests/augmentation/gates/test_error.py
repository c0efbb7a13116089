import pytest

from aeaug.augmentation.gates.error import ErrorGate
from aeaug.data import to_float


def gate(bar):
    return ErrorGate(name="error", bar=bar, below="refuse")


@pytest.mark.parametrize("kept", [0.0, 0.7, 1.0])
def test_it_is_the_mean_square_of_what_is_lost_of_held_out_images(judged, embedded, kept):
    held_out = embedded.train_images[50:80]
    intensity = (to_float(held_out) + 1) / 2
    expected = float(((1 - kept) * intensity).square().mean())
    found = gate(0.1).measured(judged(kept, held_out=held_out))
    assert found == {"value": pytest.approx(expected, rel=1e-5, abs=1e-12)}


def test_the_bar_itself_is_passed_and_what_is_above_is_not(judged):
    value = gate(0.1).measured(judged(0.5))["value"]
    assert gate(value).verdict(judged(0.5)) == {"kind": "error", "value": value, "bar": value, "passed": True}
    assert not gate(value * 0.999).verdict(judged(0.5))["passed"]
    assert gate(1).verdict(judged(0.0))["passed"], "nothing is above 1"


def test_a_refusal_names_value_and_bar(judged):
    said = gate(0.001).fault(gate(0.001).verdict(judged(0.5)))
    assert said.startswith("gate=error: the autoencoder's error on held-out images is 0.0")
    assert "at most gate.bar=0.001: " in said
    assert "\n" not in said
