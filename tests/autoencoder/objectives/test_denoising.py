import pytest
import torch

from aeaug.autoencoder.objectives import Denoising, Plain
from tests.autoencoder.objectives.conftest import draw, networks


@pytest.mark.parametrize("noise", [0.1, 0.5])
def test_the_encoder_is_shown_noise_and_the_clean_image_is_wanted(noise):
    """E ((y + σ ε) / 2 - y)² = (σ² + y²) / 4."""
    y = torch.rand(400, 1, 28, 28, generator=draw(1))
    expected = (noise**2 + y.square().mean()) / 4
    n = y.numel()
    assert Denoising(noise).loss(y, networks(), draw()) == pytest.approx(float(expected), abs=5 * noise / n**0.5)


def test_of_networks_that_keep_everything_the_error_is_the_noise():
    """The image that is wanted is the clean one: E ((y + σ ε) - y)² = σ²."""
    y = torch.rand(400, 1, 28, 28, generator=draw(1))
    found = Denoising(0.5).loss(y, networks(lambda y: y.flatten(1)), draw())
    assert float(found) == pytest.approx(0.5**2, rel=5 * (2 / y.numel()) ** 0.5)


def test_without_noise_it_is_the_plain_one_and_draws_are_the_generators():
    y = torch.rand(5, 1, 28, 28, generator=draw(1))
    plain = Plain().loss(y, networks(), None)
    assert Denoising(0.3).loss(y, networks(), None) == plain
    assert Denoising(0.0).loss(y, networks(), draw()) == plain
    first, same, other = (Denoising(0.3).loss(y, networks(), draw(seed)) for seed in (0, 0, 1))
    assert first == same != other
