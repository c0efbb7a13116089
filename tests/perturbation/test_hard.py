"""hard against its closed form, its length against gaussian's, and its limits."""

import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from aeaug.perturbation import Encoded, LatentCodes, PerturbationOptions
from aeaug.perturbation.gaussian import gaussian
from aeaug.perturbation.hard import Hard, hard
from tests.perturbation.conftest import draw

SLOPE = torch.tensor([2.0, -1.0, 0.1, 5.0])


def codes_of(score, n=400):
    """Of four dimensions, the last of which does not vary."""
    return LatentCodes(torch.randn(n, 4, generator=draw(1)) * torch.tensor([0.1, 1.0, 10.0, 0.0]) + 3, score=score)


@pytest.mark.parametrize("steps", [1, 7])
def test_where_decoder_and_discriminator_are_linear_it_is_a_step_along_their_product(steps):
    """s(z) = v · W z: all codes go the same way, σ² ⊙ Wᵀ v, by √3 γ in units of σ."""
    decoder, discriminator = torch.randn(6, 4, generator=draw(2)), torch.randn(6, generator=draw(3))
    codes, index = codes_of(lambda z: z @ decoder.T @ discriminator), torch.arange(50)
    made = Hard(name="hard", gamma=0.5, steps=steps)(codes, index, draw())
    slope = codes.sigma * (decoder.T @ discriminator)
    expected = codes.z[index] - 0.5 * 3**0.5 * codes.sigma * slope / slope.norm()
    torch.testing.assert_close(made, expected, rtol=1e-5, atol=1e-5)
    assert made[:, 3].equal(codes.z[index, 3])


def test_a_code_goes_as_far_as_gaussian_moves_it():
    codes = codes_of(lambda z: (z @ SLOPE).sin())
    units = codes.sigma[:3]
    far = ((hard(codes.z, codes.sigma, codes.score, 0.7, 1) - codes.z)[:, :3] / units).square().sum(1)
    usual = ((gaussian(codes.z, codes.sigma, 0.7, draw(5)) - codes.z)[:, :3] / units).square().sum(1)
    torch.testing.assert_close(far, torch.full_like(far, 3 * 0.7**2), rtol=1e-3, atol=0)
    assert float(usual.mean()) == pytest.approx(float(far.mean()), rel=0.15)
    wound = ((hard(codes.z, codes.sigma, codes.score, 0.7, 5) - codes.z)[:, :3] / units).norm(dim=1)
    assert float(wound.max()) <= 3**0.5 * 0.7 * 1.001


def test_a_small_step_finds_what_is_less_real_and_more_steps_find_no_worse():
    score = lambda z: (z.sin() * SLOPE).sum(1)  # noqa: E731
    codes = codes_of(score)
    before, near = score(codes.z), score(hard(codes.z, codes.sigma, score, 0.001, 1))
    assert (near <= before + 1e-6).all()
    assert (near < before).float().mean() > 0.95
    one, ten = (score(hard(codes.z, codes.sigma, score, 0.5, steps)).mean() for steps in (1, 10))
    assert float(ten) < float(one) < float(before.mean())


def test_where_the_discriminator_says_the_same_of_everything_codes_stay():
    codes = codes_of(lambda z: 0 * z.sum(1) + 2)
    assert Hard(name="hard", gamma=0.5, steps=3)(codes, torch.arange(9), draw()).equal(codes.z[:9])


@pytest.mark.parametrize("slope", [torch.inf, -torch.inf, torch.nan])
def test_where_the_discriminator_has_no_finite_slope_codes_stay_and_others_go(slope):
    codes = codes_of(lambda z: torch.where(z[:, 1] < 3, slope, 1.0) * z[:, 1])
    moved, lost = hard(codes.z, codes.sigma, codes.score, 0.5, 1), codes.z[:, 1] < 3
    assert moved[lost].equal(codes.z[lost])
    assert (moved[~lost, 1] < codes.z[~lost, 1]).all()


def test_each_code_goes_its_own_way():
    codes = codes_of(lambda z: (z[:, 1] - 3).square())
    moved = hard(codes.z, codes.sigma, codes.score, 0.3, 1)
    together, alone = moved[4], hard(codes.z[4:5], codes.sigma, codes.score, 0.3, 1)[0]
    torch.testing.assert_close(together, alone)
    towards = (moved - codes.z)[:, 1] * (codes.z[:, 1] - 3)
    assert (towards < 0).all()


def test_of_codes_that_depend_on_others_the_way_is_a_constant():
    codes = codes_of(lambda z: (z @ SLOPE).sin())
    z = codes.z[:6].clone().requires_grad_()
    Hard(name="hard", gamma=0.5, steps=2).moved(Encoded(z), codes, draw()).sum().backward()
    assert z.grad.equal(torch.ones(6, 4))


def test_first_or_later_in_a_chain_it_moves_what_it_is_given():
    codes, index = codes_of(lambda z: (z @ SLOPE).sin()), torch.arange(20)
    way, noise = {"name": "hard", "gamma": 0.5, "steps": 1}, {"name": "gaussian", "gamma": 0.25}

    def chained(*links):
        chain = TypeAdapter(PerturbationOptions).validate_python({"name": "chain", "links": links})
        assert chain.asking()
        return chain(codes, index, draw(4))

    step = lambda z: hard(z, codes.sigma, codes.score, 0.5, 1)  # noqa: E731
    noised = gaussian(codes.z[index], codes.sigma, 0.25, draw(4))
    torch.testing.assert_close(chained(noise, way), step(noised))
    torch.testing.assert_close(chained(way, noise), gaussian(step(codes.z[index]), codes.sigma, 0.25, draw(4)))


def test_without_a_step_it_is_reconstruct_and_refused():
    with pytest.raises(ValidationError, match="without a step this is"):
        Hard(name="hard", gamma=0, steps=1)
