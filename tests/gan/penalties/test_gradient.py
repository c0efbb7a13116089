"""The gradient penalty against closed forms."""

import pytest
import torch

from aeaug.gan.networks import build_discriminator
from aeaug.gan.penalties.gradient import GradientPenalty, gradient_penalty


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count, seed=0):
    return torch.randn(count, 1, 28, 28, generator=rng(seed))


@pytest.mark.parametrize(("slope", "expected"), [(1.0, 0.0), (3.0, 40.0), (0.0, 10.0)])
def test_a_linear_discriminator(slope, expected):
    """‖∇D‖ = |slope| everywhere: λ (|slope| − 1)², and its gradient with respect to the slope 2 λ (slope − 1)."""
    weight = torch.tensor(slope, requires_grad=True)
    penalty = gradient_penalty(lambda x: weight * x.sum((1, 2, 3)) / 28, images(4), images(4, 1), 10.0, rng())
    assert penalty.item() == pytest.approx(expected, abs=1e-3)
    penalty.backward()
    assert weight.grad.isfinite()
    if slope:
        assert weight.grad.item() == pytest.approx(20 * (slope - 1), abs=1e-3)


def test_it_looks_at_points_between_the_two():
    """D = ‖x‖²/2 has ∇D = x. With real images 0 and fakes all 1, x̂ = 1 − u everywhere, ‖x̂‖ = 28 (1 − u)."""
    quadratic = lambda x: x.square().sum((1, 2, 3)) / 2  # noqa: E731
    zeros, ones = torch.zeros(6, 1, 28, 28), torch.ones(6, 1, 28, 28)
    share = torch.rand(6, 1, 1, 1, generator=rng(5)).flatten()
    expected = (28 * (1 - share) - 1).square().mean().item()
    assert gradient_penalty(quadratic, zeros, ones, 1.0, rng(5)).item() == pytest.approx(expected, rel=1e-4)


def test_a_flat_discriminator_has_a_gradient_that_is_finite():
    network = build_discriminator("mlp", 8, 1)
    with torch.no_grad():
        for weights in network.parameters():
            weights.zero_()
    gradient_penalty(network, images(3), images(3, 1), 1.0, rng()).backward()
    assert all(weights.grad is None or weights.grad.isfinite().all() for weights in network.parameters())


def test_of_images_that_are_alike_it_depends_on_no_draw(seen):
    network, same = build_discriminator("mlp", 8, 1), images(3)
    values = [gradient_penalty(network, same, same, 10.0, rng(seed)).item() for seed in (0, 1)]
    assert values[0] == pytest.approx(values[1], rel=1e-5)
    step = seen(network, same, same)
    assert GradientPenalty(weight=10.0, every=1)(step, (), {}).item() == pytest.approx(values[0], rel=1e-5)
