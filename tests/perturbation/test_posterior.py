import pytest
import torch

from aeaug.perturbation import Encoded, LatentCodes
from aeaug.perturbation.posterior import Posterior, posterior
from tests.perturbation.conftest import draw


def test_without_temperature_codes_stay_as_they_are(codes):
    assert posterior(codes.z, codes.deviation, 0, draw()).equal(codes.z)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_each_code_has_noise_of_its_own_deviation(temperature):
    deviation = torch.tensor([[0.1, 2.0], [1.0, 0.0]])
    codes = LatentCodes(torch.tensor([[1.0, -1.0], [0.0, 3.0]]), deviation)
    n = 20_000
    perturb = Posterior(name="posterior", temperature=temperature)
    for own in (0, 1):
        moved = perturb(codes, torch.full((n,), own), draw(own)) - codes.z[own]
        torch.testing.assert_close(moved.std(0), temperature * deviation[own], rtol=5 / (2 * n) ** 0.5, atol=1e-6)
        assert (moved.mean(0).abs() <= 5 * temperature * deviation[own] / n**0.5 + 1e-6).all()


def test_of_other_images_it_is_their_own(codes):
    other = Encoded(codes.z[:2], deviation=torch.zeros(2, 4))
    assert Posterior(name="posterior", temperature=1.0).moved(other, codes, draw()).equal(codes.z[:2])
