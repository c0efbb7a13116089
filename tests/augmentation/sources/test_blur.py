"""Blurring against its closed form on a point, torchvision, and its limits."""

import torch
from torchvision.transforms.v2.functional import gaussian_blur

from aeaug.augmentation.sources.blur import blurred


def test_a_point_becomes_a_gaussian():
    point = torch.full((1, 1, 28, 28), -1.0)
    point[0, 0, 14, 14] = 1
    made = (blurred(point, 1.5)[0, 0] + 1) / 2
    rows = torch.arange(28) - 14.0
    expected = torch.exp(-(rows[:, None] ** 2 + rows**2) / (2 * 1.5**2))
    torch.testing.assert_close(made, expected / expected.sum(), rtol=1e-3, atol=1e-6)


def test_a_wide_one_is_cut_half_an_image_away_whatever_its_size():
    for side in (28, 64):
        point = torch.full((1, 3, side, side), -1.0)
        point[..., side // 2, side // 2] = 1
        profile = ((blurred(point, side / 6)[0, 2] + 1) / 2).sum(0)
        offsets = torch.arange(side) - side // 2.0
        deviation = float((profile * offsets**2).sum() / profile.sum()) ** 0.5
        assert 0.97 * side / 6 < deviation < side / 6, side


def test_inside_an_image_it_is_torchvisions():
    images = torch.full((2, 1, 28, 28), -1.0)
    images[:, :, 9:19, 9:19] = torch.rand(2, 1, 10, 10, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(blurred(images, 1.0), gaussian_blur(images, [13, 13], [1.0, 1.0]), rtol=0, atol=1e-5)


def test_background_stays_background_and_without_width_nothing_changes():
    images = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    torch.testing.assert_close(blurred(images, 0.05), images, rtol=0, atol=1e-6)
    black = torch.full((1, 1, 28, 28), -1.0)
    torch.testing.assert_close(blurred(black, 3.0), black, rtol=0, atol=1e-6)
