"""Losses against the equations, their gradients, and logits far out."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from aeaug.gan.losses import LOSSES, Loss, minimax, non_saturating

BOTH = pytest.mark.parametrize("loss", [minimax, non_saturating], ids=["minimax", "non_saturating"])


def logits(n: int, seed: int) -> Tensor:
    return 3 * torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@BOTH
def test_discriminator_loss_is_the_negative_of_equation_1(loss: Loss):
    real, fake = logits(7, 0), logits(5, 1)
    value = real.sigmoid().log().mean() + (1 - fake.sigmoid()).log().mean()
    assert loss.discriminator_loss(real, fake).item() == pytest.approx(-value.item(), rel=1e-12)


def test_minimax_generator_loss_is_equation_1_as_the_generator_sees_it():
    fake = logits(9, 2)
    assert minimax.generator_loss(fake).item() == pytest.approx((1 - fake.sigmoid()).log().mean().item(), rel=1e-12)


def test_non_saturating_generator_loss_is_cross_entropy_with_flipped_labels():
    fake = logits(9, 3)
    expected = binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
    assert non_saturating.generator_loss(fake).item() == pytest.approx(expected.item(), rel=1e-12)


def test_minimax_is_a_zero_sum_game_over_fakes():
    real, fake = logits(6, 4), logits(6, 5)
    of_reals = binary_cross_entropy_with_logits(real, torch.ones_like(real))
    total = minimax.discriminator_loss(real, fake) + minimax.generator_loss(fake)
    assert total.item() == pytest.approx(of_reals.item(), rel=1e-12)


@BOTH
def test_values_at_a_discriminator_that_cannot_tell(loss: Loss):
    zeros = torch.zeros(4, dtype=torch.float64)
    assert loss.discriminator_loss(zeros, zeros).item() == pytest.approx(2 * math.log(2))
    assert abs(loss.generator_loss(zeros).item()) == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("loss", "slope"),
    [(minimax, lambda d: -torch.sigmoid(d)), (non_saturating, lambda d: -torch.sigmoid(-d))],
    ids=["minimax", "non_saturating"],
)
def test_generator_gradient(loss: Loss, slope):
    """Negative everywhere: both raise D(G(z)). Only minimax saturates where D is sure of a fake."""
    fake = torch.tensor([-20.0, -1.0, 0.0, 2.0, 20.0], dtype=torch.float64, requires_grad=True)
    loss.generator_loss(fake).backward()
    assert fake.grad is not None
    torch.testing.assert_close(fake.grad, slope(fake.detach()) / len(fake))


@BOTH
def test_logits_far_out_stay_finite(loss: Loss):
    real = torch.tensor([-1e4, 1e4], requires_grad=True)
    fake = torch.tensor([-1e4, 1e4], requires_grad=True)
    total = loss.discriminator_loss(real, fake) + loss.generator_loss(fake)
    total.backward()
    assert total.isfinite()
    assert real.grad is not None
    assert real.grad.isfinite().all()
    assert fake.grad is not None
    assert fake.grad.isfinite().all()


def test_losses_are_found_by_the_names_of_the_options():
    assert LOSSES["minimax"] is minimax
    assert LOSSES["non_saturating"] is non_saturating
