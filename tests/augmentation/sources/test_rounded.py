"""Rounded images have real images' levels and background."""

import torch

from aeaug.augmentation.sources.rounded import rounded
from aeaug.data import to_float


def test_real_images_with_nothing_below_the_threshold_stay_as_they_are(embedded):
    images = to_float(embedded.train_images[:50])
    torch.testing.assert_close(rounded(images, 0), images, rtol=0, atol=1e-6)


def test_levels_are_the_nearest_and_those_below_are_black():
    image = torch.tensor([-1.0, -0.999, -0.95, -0.93, 0.0, 0.0041, 1.0]).view(1, 1, 1, 7)
    expected = torch.tensor([0.0, 0, 0, 9, 128, 128, 255])
    torch.testing.assert_close((rounded(image, 8).flatten() + 1) * 127.5, expected, rtol=0, atol=1e-4)
    every = torch.arange(256.0).view(1, 1, 16, 16)
    expected = torch.where(every < 8, 0.0, every)  # the eighth itself is none of them
    torch.testing.assert_close((rounded(every / 127.5 - 1, 8) + 1) * 127.5, expected, rtol=0, atol=1e-4)


def test_what_it_rounds_is_what_is_decoded(source_of, decoded, draw):
    indices = torch.arange(20)
    made, given = source_of(name="rounded", background=0)(indices, draw(1)), decoded(indices, draw(1))
    assert float((made - given).abs().max()) <= 1 / 255 + 1e-6
    levels = (made + 1) * 127.5
    torch.testing.assert_close(levels, levels.round(), rtol=0, atol=1e-4)
