"""The half-life of the generator's average."""

import pytest

from aeaug.gan.averaging import decay


def test_after_a_half_life_of_images_half_is_left_of_what_was_there():
    assert decay(500, 10**6, 500, None) == pytest.approx(0.5)
    assert decay(64, 10**6, 500, None) ** (500 / 64) == pytest.approx(0.5)


def test_steps_of_any_size_forget_as_much_in_as_many_images():
    assert decay(64, 10**6, 500, None) ** 2 == pytest.approx(decay(128, 10**6, 500, None))


def test_the_first_weights_are_soon_forgotten():
    """At most a share of the images so far is the half-life; of the very first step nothing is left."""
    assert decay(64, 0, 500, 0.05) == 0
    assert decay(64, 2_000, 500, 0.05) == pytest.approx(0.5 ** (64 / 100))
    assert decay(64, 10**6, 500, 0.05) == decay(64, 10**6, 500, None)


def test_without_a_half_life_nothing_is_averaged():
    assert decay(64, 10**6, 0, 0.05) == 0
