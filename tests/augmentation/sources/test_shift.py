"""Shifts by whole pixels are rolls; by parts of them, means of two."""

import pytest
import torch

from aeaug.augmentation.sources.shift import Shift, shifted


def images(count):
    x = torch.full((count, 1, 28, 28), -1.0)
    x[:, :, 8:20, 8:20] = torch.rand(count, 1, 12, 12, generator=torch.Generator().manual_seed(0))
    return x


@pytest.mark.parametrize("by", [(0, 0), (3, 0), (0, -4), (-2, 5)])
def test_by_whole_pixels_it_is_a_roll(by):
    x = images(2)
    right, down = by
    torch.testing.assert_close(
        shifted(x, torch.tensor([by, by]).float()), x.roll((down, right), (2, 3)), atol=1e-4, rtol=0
    )


def test_by_half_a_pixel_it_is_the_mean_of_two():
    x = images(1)
    expected = (x + x.roll(1, 3)) / 2
    torch.testing.assert_close(shifted(x, torch.tensor([[0.5, 0.0]])), expected, atol=1e-4, rtol=0)


def test_pixels_of_an_image_that_is_not_square_are_as_far_apart_either_way():
    x = images(2)[:, :, 6:22]
    torch.testing.assert_close(shifted(x, torch.tensor([[2.0, 1.0]] * 2)), x.roll((1, 2), (2, 3)), atol=1e-4, rtol=0)


def test_what_comes_in_is_background():
    white = torch.ones(1, 1, 28, 28)
    made = shifted(white, torch.tensor([[5.0, 0.0]]))[0, 0]
    torch.testing.assert_close(made[:, :5], torch.full((28, 5), -1.0), atol=1e-4, rtol=0)
    torch.testing.assert_close(made[:, 5:], torch.ones(28, 23), atol=1e-4, rtol=0)


def test_directions_differ_and_the_distance_does_not(draw):
    x = torch.full((500, 1, 28, 28), -1.0)
    x[:, :, 13:15, 13:15] = 1
    made = Shift(name="shift").changed(x, 4.0, draw()) + 1
    grid = torch.arange(28) - 13.5
    total = made.sum((1, 2, 3))
    across, down = (made.sum((1, axis)) @ grid / total for axis in (2, 3))
    distance = (across**2 + down**2).sqrt()
    torch.testing.assert_close(distance, torch.full((500,), 4.0), atol=0.15, rtol=0)
    assert abs(float(across.mean())) < 0.5
    assert abs(float(down.mean())) < 0.5
