"""Instance noise and how it fades."""

import pytest
import torch

from aeaug.gan.rated import whole
from aeaug.gan.views.instance_noise import FadingNoise

OPTIONS = FadingNoise(sigma=0.5, until=1_000)
VIEW = OPTIONS.at(whole)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("shown", "sigma"), [(0, 0.5), (250, 0.375), (999, 0.0005), (1_000, 0), (10**9, 0)])
def test_it_falls_along_a_line_to_nothing(shown, sigma):
    assert OPTIONS.sigma_at(shown) == pytest.approx(sigma)
    x = torch.zeros(100, 1, 28, 28)
    noise = VIEW(x, rng(), shown)
    assert float(noise.std()) == pytest.approx(sigma, rel=0.02)
    assert float(noise.mean()) == pytest.approx(0, abs=4 * 0.5 / 78_400**0.5)


def test_once_it_is_gone_images_are_themselves():
    x = torch.rand(3, 1, 28, 28, generator=rng())
    assert VIEW(x, rng(), 1_000) is x
    assert FadingNoise(sigma=0.5, until=None).at(lambda shown: 0.0)(x, rng(), 0) is x


@pytest.mark.parametrize("shown", [0, 10**9])
def test_without_an_end_it_stays_and_goes_with_a_share(shown):
    x = torch.rand(3, 1, 28, 28, generator=rng())
    stays = FadingNoise(sigma=0.5, until=None)
    assert stays.at(whole)(x, rng(), shown).equal(VIEW(x, rng(), 0))
    halved = FadingNoise(sigma=0.25, until=None).at(whole)
    assert stays.at(lambda shown: 0.5)(x, rng(), shown).equal(halved(x, rng(), shown))


def test_of_pixels_it_is_independent():
    noise = VIEW(torch.zeros(2_000, 1, 28, 28), rng(), 0)
    for other in (noise.roll(1, 3), noise.roll(1, 2), noise.roll(1, 0)):
        correlation = float((noise * other).mean() / noise.var())
        assert correlation == pytest.approx(0, abs=5 / 1_568_000**0.5)
