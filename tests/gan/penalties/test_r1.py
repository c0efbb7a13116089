"""R1 against closed forms, and its gradient."""

import pytest
import torch
from torch import Tensor, nn

from aeaug.gan.networks import NETWORKS, build_discriminator
from aeaug.gan.penalties.r1 import R1, r1_penalty, squared_gradients


def images(batch: int, seed: int = 0) -> Tensor:
    return torch.randn(batch, 1, 28, 28, generator=torch.Generator().manual_seed(seed))


class Linear(nn.Module):
    """D(x) = ⟨w, x⟩ + b."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(images(1, seed=1)[0])
        self.bias = nn.Parameter(torch.tensor(0.3))

    def forward(self, x: Tensor) -> Tensor:
        return (self.weight * x).sum((1, 2, 3)) + self.bias


@pytest.mark.parametrize("gamma", [0.0, 0.5, 10.0])
@pytest.mark.parametrize("batch", [1, 5])
def test_linear_discriminator(gamma: float, batch: int):
    """∇D = w for every x: R1 = γ/2 ‖w‖², whose gradient is γ w, and the bias has none."""
    discriminator = Linear()
    penalty = r1_penalty(discriminator, images(batch), gamma)
    weight = discriminator.weight.detach()
    assert penalty.item() == pytest.approx(gamma / 2 * weight.square().sum().item(), rel=1e-5)
    penalty.backward()
    torch.testing.assert_close(discriminator.weight.grad, gamma * weight)
    assert discriminator.bias.grad is None


def test_quadratic_discriminator():
    """D = a‖x‖²/2 has ∇D = a x: R1 = γ/2 a² E‖x‖², an average over images of a sum over pixels."""
    a, x = torch.tensor(0.7, requires_grad=True), images(6)
    penalty = r1_penalty(lambda x: a / 2 * x.square().sum((1, 2, 3)), x, gamma=2.0)
    mean_square = x.square().sum() / 6
    assert penalty.item() == pytest.approx((0.49 * mean_square).item(), rel=1e-5)
    penalty.backward()
    assert a.grad is not None
    assert a.grad.item() == pytest.approx((1.4 * mean_square).item(), rel=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
def test_is_an_average_over_images(network: str):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        discriminator = build_discriminator(network, 16, 2)
    x = images(4)
    together = r1_penalty(discriminator, x, 1.0)
    alone = torch.stack([r1_penalty(discriminator, image[None], 1.0) for image in x])
    assert together.item() == pytest.approx(alone.mean().item(), rel=1e-4)
    assert alone.std() > 1e-3 * alone.mean()  # not the trivial case


@pytest.mark.parametrize("network", NETWORKS)
def test_a_step_down_its_gradient_lowers_it(network: str):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        discriminator = build_discriminator(network, 16, 2)
    optimizer, x = torch.optim.SGD(discriminator.parameters(), lr=1e-3), images(8)
    before = r1_penalty(discriminator, x, 1.0)
    before.backward()
    optimizer.step()
    assert r1_penalty(discriminator, x, 1.0).item() < before.item()


def test_leaves_the_images_alone():
    source = images(2).requires_grad_(True)
    x = 2 * source
    r1_penalty(Linear(), x, 1.0).backward()
    assert source.grad is None

    constant = images(2)
    r1_penalty(Linear(), constant, 1.0).backward()
    assert not constant.requires_grad


@pytest.mark.parametrize("real", [0, 1, 5])
def test_on_real_images_alone_the_others_do_not_count(real: int):
    """The mean over those that are, whatever the others are; 0 where there are none."""
    x, counted = images(5), torch.arange(5) < real
    quadratic = lambda x: x.square().sum((1, 2, 3)) / 2  # noqa: E731
    expected = x[:real].square().flatten(1).sum(1).mean().item() if real else 0.0
    assert r1_penalty(quadratic, x, 2.0, counted).item() == pytest.approx(expected, rel=1e-5)
    x[real:] *= 7
    assert r1_penalty(quadratic, x, 2.0, counted).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("on", "expected"), [("mixture", (1 + 25 + 25) * 4 / 3), ("real", 4)])
def test_of_a_step_it_is_over_all_images_or_over_those_that_are_real(seen, on: str, expected: float):
    """D = ‖x‖²/2, whose gradient is x, at an image of ones and two injected ones of fives, of four pixels each."""
    x = torch.tensor([1.0, 5.0, 5.0]).view(3, 1, 1, 1).expand(3, 1, 2, 2)
    step = seen(lambda x: x.square().sum((1, 2, 3)) / 2, x, x, torch.tensor([False, True, True]))
    assert R1(gamma=2.0, on=on, every=1)(step, (), {}).item() == pytest.approx(expected, rel=1e-6)


def test_squared_gradients_are_those_of_autograd_image_by_image():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        discriminator = build_discriminator("mlp", 16, 2)
    x = images(3)
    for image, squared in zip(x, squared_gradients(discriminator, x), strict=True):
        gradient = torch.autograd.functional.jacobian(lambda one: discriminator(one[None])[0], image)
        assert squared.item() == pytest.approx(gradient.square().sum().item(), rel=1e-4)


def test_of_two_processes_an_image_counts_the_same_in_each_however_many_it_has(seen):
    """Their gradients are averaged: half the sum of both penalties is that of one process with all images."""
    discriminator = build_discriminator("mlp", 16, 2)
    draw = torch.Generator().manual_seed(0)
    real = torch.randn(8, 1, 28, 28, generator=draw)
    for synthetic in ([1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 1, 0], [1, 1, 1, 1, 1, 1, 1, 1]):
        counted = ~torch.tensor(synthetic, dtype=torch.bool)
        mean = lambda here, counted=counted: counted.sum() / 2  # noqa: E731
        parts = zip(real.split(4), counted.split(4), strict=True)
        found = [r1_penalty(discriminator, images, 3.0, own, mean).item() for images, own in parts]
        whole = r1_penalty(discriminator, real, 3.0, counted).item()
        assert sum(found) / 2 == pytest.approx(whole, rel=1e-5, abs=1e-12)


@pytest.mark.parametrize("processes", [4, 1000])
def test_a_single_image_of_all_processes_counts_one(processes: int):
    """Gradients are averaged over processes: in its own it counts so many times as much."""
    x, counted = torch.ones(3, 1, 2, 2), torch.tensor([True, False, False])
    quadratic = lambda x: x.square().sum((1, 2, 3)) / 2  # noqa: E731
    found = r1_penalty(quadratic, x, 2.0, counted, lambda here: here / processes).item()
    assert found == pytest.approx(4 * processes, rel=1e-5)
