"""two_sided: which images go through T, and that both kinds do, with gradients."""

import pytest
import torch

from aeaug.augmentation.two_sided import TwoSided, TwoSidedView
from aeaug.gan import GANModule

SMALL = {"generator_width": 16, "discriminator_width": 16, "latent_dim": 8, "r1_gamma": 0.0}


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count, seed=0):
    return torch.rand(count, 1, 28, 28, generator=rng(seed)) * 2 - 1


def test_each_image_is_its_own_or_what_t_makes_of_it():
    x = images(2_000)
    seen = TwoSidedView(lambda some, _: -some, 0.3)(x, rng())
    through = (seen == -x).flatten(1).all(1)
    assert ((seen == x).flatten(1).all(1) ^ through).all()
    assert float(through.float().mean()) == pytest.approx(0.3, abs=4 * (0.21 / 2_000) ** 0.5)


def test_t_is_asked_for_those_alone():
    asked = []
    view = TwoSidedView(lambda some, _: asked.append(len(some)) or some, 0.2)
    view(images(500), rng(1))
    drawn = int((torch.rand(500, generator=rng(1)) < 0.2).sum())
    assert asked == [drawn]


def test_as_p_goes_to_0_nothing_changes():
    x = images(50)
    assert TwoSidedView(lambda some, _: pytest.fail("asked"), 1e-9)(x, rng()).equal(x)


def test_gradients_pass_through_t_and_beside_it():
    x = images(200).requires_grad_()
    TwoSidedView(lambda some, _: 3 * some, 0.4)(x, rng()).sum().backward()
    slopes = x.grad.flatten(1)
    assert set(slopes.unique().tolist()) == {1.0, 3.0}
    assert (slopes == slopes[:, :1]).all()


def test_the_discriminator_sees_both_kinds_so_and_the_generator_learns_through_it(trained):
    module, asked = GANModule(**SMALL), []

    def t(some, generator):
        asked.append((len(some), some.requires_grad))
        return some * 0.5

    TwoSided(name="two_sided", probability=0.4).enter(module, t)
    trained(module)
    assert len(asked) == 2 * 10
    assert [gradient for _, gradient in asked] == [False, True] * 10
    # Of 40 real and generated images in the discriminator's step, and of 20 in the generator's.
    of_discriminator, of_generator = (sum(count for count, _ in asked[first::2]) for first in (0, 1))
    assert of_discriminator == pytest.approx(160, abs=4 * (400 * 0.24) ** 0.5)
    assert of_generator == pytest.approx(80, abs=4 * (200 * 0.24) ** 0.5)


def test_it_comes_before_the_views_that_are_there(trained):
    """Noise of another view, which an autoencoder would take away, stays."""
    module = GANModule(**SMALL)
    given, seen = [], []
    module.look_through(lambda some, _, shown: given.append(some) or some * 0 + 0.25)
    TwoSided(name="two_sided", probability=0.4).enter(module, lambda some, _: seen.append(some) or some * 0 + 0.75)
    trained(module)
    assert len(seen) == len(given) == 2 * 10
    assert not any((some == 0.25).any() for some in seen)
    for before, after in zip(seen, given, strict=True):
        assert int((after == 0.75).flatten(1).all(1).sum()) == len(before)
