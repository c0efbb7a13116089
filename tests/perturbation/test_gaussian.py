import pytest
import torch
from pydantic import ValidationError

from aeaug.perturbation.gaussian import Gaussian, gaussian
from tests.perturbation.conftest import draw


def test_without_noise_codes_stay_as_they_are(codes):
    assert gaussian(codes.z, codes.sigma, 0, draw()).equal(codes.z)


@pytest.mark.parametrize("gamma", [0, 0.0, -0.0])
def test_an_arm_without_noise_is_not_called_gaussian(gamma):
    with pytest.raises(ValidationError, match="without noise this is perturbation=reconstruct"):
        Gaussian(name="gaussian", gamma=gamma)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 2.0])
def test_noise_has_mean_zero_and_standard_deviation_gamma_sigma(codes, gamma):
    z = codes.z.repeat(100, 1)
    noise = gaussian(z, codes.sigma, gamma, draw()) - z
    expected = gamma * codes.sigma
    n = len(z)
    torch.testing.assert_close(noise.std(0), expected, rtol=5 / (2 * n) ** 0.5, atol=1e-5)
    assert (noise.mean(0).abs() <= 5 * expected / n**0.5 + 1e-6).all()


def test_the_deviation_is_that_of_all_codes_not_of_those_perturbed(codes):
    index = torch.tensor([7, 11])
    moved = Gaussian(name="gaussian", gamma=0.5)(codes, index, draw())
    assert moved.equal(gaussian(codes.z[index], codes.sigma, 0.5, draw()))


def test_a_constant_dimension_is_left_alone(codes):
    perturbed = gaussian(codes.z, codes.sigma, 5.0, draw())
    assert perturbed[:, 3].equal(codes.z[:, 3])


def test_gamma_is_not_negative():
    with pytest.raises(ValidationError):
        Gaussian(name="gaussian", gamma=-0.1)
