import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.objectives import VAE, Plain
from aeaug.autoencoder.objectives.vae import divergence, posterior
from tests.autoencoder.objectives.conftest import draw, networks


def said(mean, log_variance):
    """An encoder that says these numbers of every image."""
    return lambda y: torch.cat([torch.full((len(y), 784), mean), torch.full((len(y), 784), log_variance)], 1)


def test_the_divergence_is_that_of_pytorchs_normal_distributions():
    mean, deviation = torch.randn(6, 5, generator=draw()), torch.rand(6, 5, generator=draw(1)) + 0.1
    expected = kl_divergence(Normal(mean, deviation), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(divergence(mean, deviation), expected)
    assert divergence(torch.zeros(2, 5), torch.ones(2, 5)).eq(0).all()


@pytest.mark.parametrize("beta", [0.5, 2.0])
def test_it_is_error_and_divergence_a_pixel(beta):
    """With codes 0.2 + 0.5 ε and images of 0.3: (0.1² + 0.5²) and the divergence of one dimension, of 784 each."""
    y = torch.full((400, 1, 28, 28), 0.3)
    log_variance = 2 * torch.tensor(0.5).log()
    of_one = 0.5 * (0.2**2 + 0.5**2 - 1 - float(log_variance))
    found = VAE(beta).loss(y, networks(said(0.2, float(log_variance))), draw())
    assert found == pytest.approx(0.1**2 + 0.5**2 + beta * of_one, abs=0.01)
    without = VAE(beta).loss(y, networks(said(0.2, float(log_variance))), None)
    assert without == pytest.approx(0.1**2 + beta * of_one, rel=1e-4)


def test_at_the_prior_and_without_noise_it_is_the_plain_one():
    y = torch.rand(5, 1, 28, 28, generator=draw(1))
    at_prior = networks(said(0.0, 0.0))
    assert VAE(3.0).loss(y, at_prior, None) == Plain().loss(y, networks(lambda y: torch.zeros(len(y), 784)), None)


def test_codes_are_means_and_the_deviation_is_at_hand():
    module = AutoencoderModule("vae", 6, beta=1.0).eval()
    images = torch.rand(4, 1, 28, 28, generator=draw()) * 2 - 1
    mean, deviation = module.posterior(images)
    assert module.encode(images).equal(mean)
    assert mean.shape == deviation.shape == (4, 6)
    assert (deviation > 0).all()
    raw = module.encoder((images + 1) / 2)
    assert posterior(raw)[1].equal((raw[:, 6:] / 2).exp())
    assert AutoencoderModule("mlp", 6).posterior(images)[1] is None


def test_variances_are_cut_at_e_to_the_minus_20_and_to_the_6():
    said = torch.tensor([[0.0] * 4 + [-100.0, -19.9, 5.9, 100.0]])
    expected = [math.exp(half) for half in (-10, -9.95, 2.95, 3)]
    assert posterior(said)[1][0].tolist() == pytest.approx(expected, rel=1e-5)
