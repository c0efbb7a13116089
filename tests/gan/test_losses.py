"""Losses against their equations, what all have in common, and logits far out."""

import math
from typing import get_args

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from aeaug.gan.losses import LOSSES, Loss, LossName
from tests.conftest import REPOSITORY, compose

ALL = pytest.mark.parametrize("loss", LOSSES.values(), ids=list(LOSSES))
CROSS_ENTROPY = pytest.mark.parametrize("name", ["minimax", "non_saturating"])


def logits(n: int, seed: int) -> Tensor:
    return 3 * torch.randn(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def of_generator(loss: Loss, fake: Tensor, real: Tensor) -> Tensor:
    return loss.generator_loss(fake, real if loss.pairs else None)


def test_every_loss_has_its_name_and_its_option_file():
    files = {file.stem for file in (REPOSITORY / "conf" / "gan" / "loss").glob("*.yaml")}
    assert set(LOSSES) == set(get_args(LossName)) == files
    for name in LOSSES:
        assert compose([f"gan/loss={name}"]).gan.loss == name


# --- Equations --------------------------------------------------------------------------------------------------------


@CROSS_ENTROPY
def test_discriminator_loss_is_the_negative_of_equation_1(name: str):
    real, fake = logits(7, 0), logits(5, 1)
    value = real.sigmoid().log().mean() + (1 - fake.sigmoid()).log().mean()
    assert LOSSES[name].discriminator_loss(real, fake).item() == pytest.approx(-value.item(), rel=1e-12)


def test_minimax_generator_loss_is_equation_1_as_the_generator_sees_it():
    fake = logits(9, 2)
    expected = (1 - fake.sigmoid()).log().mean().item()
    assert LOSSES["minimax"].generator_loss(fake, None).item() == pytest.approx(expected, rel=1e-12)


def test_non_saturating_generator_loss_is_cross_entropy_with_flipped_labels():
    fake = logits(9, 3)
    expected = binary_cross_entropy_with_logits(fake, torch.ones_like(fake)).item()
    assert LOSSES["non_saturating"].generator_loss(fake, None).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["minimax", "wasserstein"])
def test_a_zero_sum_game_over_fakes(name: str):
    """What is left when both losses are added does not depend on the fakes."""
    real, loss = logits(6, 4), LOSSES[name]
    sums = [loss.discriminator_loss(real, f) + loss.generator_loss(f, None) for f in (logits(6, 5), logits(6, 6))]
    assert sums[0].item() == pytest.approx(sums[1].item(), rel=1e-12)


def test_least_squares_has_its_labels():
    loss = LOSSES["least_squares"]
    one, zero = torch.ones(3), torch.zeros(3)
    assert loss.discriminator_loss(one, -one) == 0
    assert loss.generator_loss(zero, None) == 0
    real, fake = logits(5, 7), logits(5, 8)
    expected = ((real - 1) ** 2).mean() / 2 + ((fake + 1) ** 2).mean() / 2
    assert loss.discriminator_loss(real, fake).item() == pytest.approx(expected.item(), rel=1e-12)


def test_hinge_lets_alone_what_is_beyond_its_margin():
    real = torch.tensor([1.5, 0.5], requires_grad=True)
    fake = torch.tensor([-3.0, 0.0], requires_grad=True)
    value = LOSSES["hinge"].discriminator_loss(real, fake)
    value.backward()
    assert value.item() == pytest.approx(0.5 / 2 + 1.0 / 2)
    assert real.grad.tolist() == [0, -0.5]
    assert fake.grad.tolist() == [0, 0.5]


def test_the_generator_of_hinge_has_no_margin():
    fake = torch.tensor([-3.0, 0.5, 4.0], requires_grad=True)
    value = LOSSES["hinge"].generator_loss(fake, None)
    value.backward()
    assert value.item() == pytest.approx(-0.5)
    assert fake.grad.tolist() == pytest.approx([-1 / 3] * 3)


def test_wasserstein_is_the_difference_of_means():
    real, fake = logits(4, 9), logits(6, 10)
    expected = fake.mean() - real.mean()
    assert LOSSES["wasserstein"].discriminator_loss(real, fake).item() == pytest.approx(expected.item(), rel=1e-12)


def test_relativistic_compares_pairs_and_both_play_the_same_game_mirrored():
    loss, real, fake = LOSSES["relativistic"], logits(8, 11), logits(8, 12)
    expected = -((real - fake).sigmoid().log().mean())
    assert loss.discriminator_loss(real, fake).item() == pytest.approx(expected.item(), rel=1e-12)
    assert loss.generator_loss(fake, real).item() == loss.discriminator_loss(fake, real).item()
    # Pair by pair: in another order it is another number.
    assert loss.discriminator_loss(real, fake.flip(0)).item() != pytest.approx(expected.item(), rel=1e-3)


# --- What all have in common ------------------------------------------------------------------------------------------


@ALL
def test_the_discriminator_raises_real_logits_and_lowers_fake_ones(loss: Loss):
    real, fake = torch.zeros(4, requires_grad=True), torch.zeros(4, requires_grad=True)
    loss.discriminator_loss(real, fake).backward()
    assert (real.grad < 0).all()
    assert (fake.grad > 0).all()


@ALL
def test_the_generator_raises_the_logits_of_fakes_that_are_found_out(loss: Loss):
    fake = torch.full((4,), -0.5, requires_grad=True)
    of_generator(loss, fake, torch.full((4,), 0.5)).backward()
    assert (fake.grad < 0).all()


@ALL
def test_an_offset_of_all_logits_matters_where_zero_decides_and_nowhere_else(loss: Loss):
    real, fake = logits(6, 13), logits(6, 14)
    first, moved = loss.discriminator_loss(real, fake), loss.discriminator_loss(real + 2, fake + 2)
    assert (first.item() == pytest.approx(moved.item(), abs=1e-9)) is not loss.zero_decides


@CROSS_ENTROPY
def test_values_at_a_discriminator_that_cannot_tell(name: str):
    zeros = torch.zeros(4, dtype=torch.float64)
    assert LOSSES[name].discriminator_loss(zeros, zeros).item() == pytest.approx(2 * math.log(2))
    assert abs(LOSSES[name].generator_loss(zeros, None).item()) == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("name", "slope"),
    [("minimax", lambda d: -torch.sigmoid(d)), ("non_saturating", lambda d: -torch.sigmoid(-d))],
)
def test_generator_gradient(name: str, slope):
    """Negative everywhere: both raise D(G(z)). Only minimax saturates where D is sure of a fake."""
    fake = torch.tensor([-20.0, -1.0, 0.0, 2.0, 20.0], dtype=torch.float64, requires_grad=True)
    LOSSES[name].generator_loss(fake, None).backward()
    assert fake.grad is not None
    torch.testing.assert_close(fake.grad, slope(fake.detach()) / len(fake))


@ALL
def test_logits_far_out_stay_finite(loss: Loss):
    real = torch.tensor([-1e4, 1e4], requires_grad=True)
    fake = torch.tensor([-1e4, 1e4], requires_grad=True)
    total = loss.discriminator_loss(real, fake) + of_generator(loss, fake, real)
    total.backward()
    assert total.isfinite()
    assert real.grad is not None
    assert real.grad.isfinite().all()
    assert fake.grad is not None
    assert fake.grad.isfinite().all()
