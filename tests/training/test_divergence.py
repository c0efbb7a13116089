import math

import pytest
import torch
from torch import nn

from aeaug.training.divergence import GROWTH, Diverged, require_finite, require_learnt, require_sound, scale


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(7, 5), nn.LayerNorm(5), nn.Conv2d(1, 2, 3))


def test_scale_is_the_root_mean_square_over_all_weights():
    weights = torch.cat([one.detach().flatten() for one in network().parameters()])
    assert float(scale(network())) == pytest.approx(weights.square().mean().sqrt().item(), rel=1e-6)


def test_scale_follows_a_factor_whatever_is_zero():
    one = network()
    nn.init.zeros_(one[0].bias)
    before = float(scale(one))
    with torch.no_grad():
        for weights in one.parameters():
            weights.mul_(1e6)
    assert float(scale(one)) / before == pytest.approx(1e6, rel=1e-5)
    assert not scale(one).requires_grad


@pytest.mark.parametrize("poison", [math.nan, math.inf, -math.inf])
def test_scale_is_not_finite_where_one_weight_is_not(poison):
    one = network()
    with torch.no_grad():
        one[1].bias[3] = poison
    assert not math.isfinite(scale(one))


LOSSES = {"discriminator's loss": 1.25, "generator's loss": 0.75}


def test_growth_up_to_the_limit_is_sound():
    require_sound({"generator": GROWTH, "discriminator": 0.0}, LOSSES, "after 20 images")


@pytest.mark.parametrize(
    ("growth", "losses", "said"),
    [
        (
            {"generator": 1.0, "discriminator": 1e7},
            LOSSES,
            "the discriminator's weights have grown to 1e+07 times their initial size, more than 100, after 20 images "
            "(discriminator's loss 1.25, generator's loss 0.75)",
        ),
        (
            {"generator": math.nan, "discriminator": math.inf},
            LOSSES,
            "weights of the generator and the discriminator are not finite after 20 images "
            "(discriminator's loss 1.25, generator's loss 0.75)",
        ),
        (
            {"generator": 1.0},
            {"generator's loss": -math.inf},
            "the generator's loss is not finite after 20 images (generator's loss -inf)",
        ),
        (
            {"autoencoder": 100.1},
            {},
            "the autoencoder's weights have grown to 100 times their initial size, more than 100, after 20 images",
        ),
    ],
)
def test_one_line_says_which_network_what_and_when(growth, losses, said):
    with pytest.raises(Diverged) as caught:
        require_sound(growth, losses, "after 20 images")
    assert str(caught.value) == said


@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_one_pixel_that_is_not_finite_names_the_maker(poison):
    images = torch.zeros(5, 1, 28, 28)
    assert require_finite(images, "generator", "after 20 images") is images
    images[3, 0, 27, 27] = poison
    with pytest.raises(Diverged, match=r"^1 of 5 images that the generator made are not finite after 20 images$"):
        require_finite(images, "generator", "after 20 images")


@pytest.mark.parametrize(("after", "learnt"), [(0.1, True), (0.7, True), (0.71, False), (math.nan, False)])
def test_an_autoencoder_has_to_end_no_worse_than_it_began(after, learnt):
    if learnt:
        require_learnt(0.7, after, "after 3 epochs")
    else:
        with pytest.raises(Diverged, match=r"^the autoencoder's training loss is .* after 3 epochs, and was 0\.7 untr"):
            require_learnt(0.7, after, "after 3 epochs")


def test_images_whose_sum_is_beyond_float32_are_finite():
    images = torch.full((2, 1, 28, 28), 3e38)
    assert not images.sum().isfinite()
    assert require_finite(images, "generator", "after 20 images") is images
