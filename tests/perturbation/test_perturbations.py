import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from aeaug.perturbation import LatentCodes, PerturbationOptions
from aeaug.perturbation.gaussian import gaussian
from aeaug.perturbation.interpolate import interpolate

OPTIONS = TypeAdapter(PerturbationOptions)
EVERY = [
    {"name": "reconstruct"},
    {"name": "gaussian", "gamma": 0.5},
    {"name": "interpolate", "neighbours": 5},
]


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def codes():
    scales = torch.tensor([0.1, 1.0, 10.0, 0.0])
    return LatentCodes(torch.randn(400, 4, generator=draw(1)) * scales + 3)


@pytest.mark.parametrize("options", EVERY, ids=lambda o: o["name"])
def test_pure_functions_of_codes_indices_and_generator(codes, options):
    perturb, index = OPTIONS.validate_python(options), torch.tensor([5, 5, 17, 399])
    before = codes.z.clone()
    first, again = perturb(codes, index, draw(3)), perturb(codes, index, draw(3))
    assert first.shape == (4, 4)
    assert first.equal(again)
    assert codes.z.equal(before)


def test_gaussian_without_noise_is_reconstruct(codes):
    index = torch.arange(400)
    still = OPTIONS.validate_python({"name": "gaussian", "gamma": 0})
    control = OPTIONS.validate_python({"name": "reconstruct"})
    assert still(codes, index, draw()).equal(control(codes, index, draw()))
    assert control(codes, index, draw()).equal(codes.z)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 2.0])
def test_gaussian_noise_has_mean_zero_and_standard_deviation_gamma_sigma(codes, gamma):
    z = codes.z.repeat(100, 1)
    noise = gaussian(z, codes.sigma, gamma, draw()) - z
    expected = gamma * codes.sigma
    n = len(z)
    torch.testing.assert_close(noise.std(0), expected, rtol=5 / (2 * n) ** 0.5, atol=1e-5)
    assert (noise.mean(0).abs() <= 5 * expected / n**0.5 + 1e-6).all()


def test_gaussian_leaves_a_constant_dimension_alone(codes):
    perturbed = gaussian(codes.z, codes.sigma, 5.0, draw())
    assert perturbed[:, 3].equal(codes.z[:, 3])


def test_sigma_is_the_standard_deviation_over_the_subset(codes):
    torch.testing.assert_close(codes.sigma, (codes.z - codes.z.mean(0)).square().mean(0).sqrt())


def test_interpolates_lie_on_segments_uniformly():
    z, other = torch.randn(5_000, 3, generator=draw(1)), torch.randn(5_000, 3, generator=draw(2))
    between = interpolate(z, other, draw())
    weight = ((between - z) * (other - z)).sum(1) / (other - z).square().sum(1)
    torch.testing.assert_close(between, z + weight[:, None] * (other - z), atol=1e-4, rtol=1e-4)
    assert weight.min() >= -1e-5
    assert weight.max() <= 1 + 1e-5
    # Mean and variance of U(0, 1), five standard errors.
    assert weight.mean().item() == pytest.approx(0.5, abs=5 * (1 / 12 / 5_000) ** 0.5)
    assert weight.var().item() == pytest.approx(1 / 12, abs=5 * (1 / 180 / 5_000) ** 0.5)


def test_interpolate_stays_between_a_code_and_its_nearest_neighbours():
    """On a line of integers, points between i and its two neighbours."""
    line = LatentCodes(torch.arange(50.0)[:, None])
    perturb = OPTIONS.validate_python({"name": "interpolate", "neighbours": 2})
    index = torch.arange(1, 49).repeat(50)
    moved = perturb(line, index, draw())[:, 0] - index
    assert moved.abs().max() <= 1
    assert moved.min() < -0.5  # both sides are used
    assert moved.max() > 0.5


@pytest.mark.parametrize("k", [1, 3, 10])
def test_neighbours_agree_with_brute_force(k):
    codes = LatentCodes(torch.randn(1_500, 6, generator=draw()))  # more than one chunk
    distances = (codes.z[:, None] - codes.z[None]).double().norm(dim=2)
    distances.fill_diagonal_(torch.inf)
    found = codes.neighbours(k)
    expected = distances.topk(k, largest=False).values
    torch.testing.assert_close(distances.gather(1, found), expected, rtol=1e-4, atol=1e-4)
    assert not (found == torch.arange(1_500)[:, None]).any()


def test_duplicates_are_neighbours_but_never_a_point_itself():
    codes = LatentCodes(torch.zeros(6, 2))
    assert not (codes.neighbours(5) == torch.arange(6)[:, None]).any()


def test_too_many_neighbours_name_key_and_value():
    with pytest.raises(ValueError, match=r"perturbation\.neighbours=6: must be between 1 and 5"):
        LatentCodes(torch.zeros(6, 2)).neighbours(6)


@pytest.mark.parametrize(
    "options",
    [
        {"name": "gaussian", "gamma": -0.1},
        {"name": "interpolate", "neighbours": 0},
        {"name": "reconstruct", "gamma": 1.0},
        {"name": "typo"},
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValidationError):
        OPTIONS.validate_python(options)
