import math

import pytest
import torch

from aeaug.perturbation.uniform import Uniform, uniform
from tests.perturbation.conftest import draw


def test_without_noise_codes_stay_as_they_are(codes):
    assert uniform(codes.z, codes.sigma, 0, draw()).equal(codes.z)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 2.0])
def test_noise_has_the_mean_and_deviation_of_gaussian_and_stays_in_its_box(codes, gamma):
    z = codes.z.repeat(100, 1)
    noise = uniform(z, codes.sigma, gamma, draw()) - z
    expected, n = gamma * codes.sigma, len(z)
    assert (noise.abs() <= math.sqrt(3) * expected + 1e-5).all()
    assert (noise.abs().amax(0) >= 0.99 * math.sqrt(3) * expected - 1e-5).all()
    # The variance of a square of U(-1, 1) is 4/45: the standard error of a deviation is 1/sqrt(5 n) of it.
    torch.testing.assert_close(noise.std(0), expected, rtol=5 / (5 * n) ** 0.5, atol=1e-5)
    assert (noise.mean(0).abs() <= 5 * expected / n**0.5 + 1e-6).all()


def test_the_deviation_is_that_of_all_codes_not_of_those_perturbed(codes):
    index = torch.tensor([7, 11])
    moved = Uniform(name="uniform", gamma=0.5)(codes, index, draw())
    assert moved.equal(uniform(codes.z[index], codes.sigma, 0.5, draw()))
