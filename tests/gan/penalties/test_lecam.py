"""LeCam's averages and its term against closed forms."""

import pytest
import torch

from aeaug.gan.penalties.lecam import LeCam, lecam_penalty


def level(of_real, of_fake):
    """Images that a discriminator which returns their first pixel gives these logits."""
    return torch.full((4, 1, 28, 28), of_real), torch.full((4, 1, 28, 28), of_fake)


def first_pixel(images):
    return images[:, 0, 0, 0]


def test_each_kind_is_held_near_what_was_said_of_the_other():
    real, fake = torch.tensor([1.0, 3.0]), torch.tensor([-1.0])
    assert lecam_penalty(real, fake, torch.tensor(2.0), torch.tensor(0.0)).item() == pytest.approx((1 + 9) / 2 + 9)


def test_its_gradient_narrows_the_logits():
    real, fake = torch.tensor([2.0], requires_grad=True), torch.tensor([-2.0], requires_grad=True)
    lecam_penalty(real, fake, torch.tensor(2.0), torch.tensor(-2.0)).backward()
    assert (real.grad, fake.grad) == (8.0, -8.0)


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_averages_begin_at_the_first_step_and_forget_it(seen, decay):
    penalty, state = LeCam(weight=0.5, decay=decay, every=1), {}
    term = penalty(seen(first_pixel, *level(2.0, -1.0)), (), state)
    assert state["averages"].tolist() == [2.0, -1.0]
    assert term.item() == pytest.approx(0.5 * (9 + 9))
    for step in range(1, 4):
        penalty(seen(first_pixel, *level(0.0, 0.0)), (), state)
        expected = torch.tensor([2.0, -1.0]) * decay**step
        torch.testing.assert_close(state["averages"], expected)


def test_averages_are_over_all_processes(seen):
    """Of two, of which the other one's logits are greater by 2."""
    state = {}
    step = seen(first_pixel, *level(2.0, -1.0))._replace(mean=lambda here: (here + here + 2) / 2)
    LeCam(weight=1.0, decay=0.5, every=1)(step, (), state)
    assert state["averages"].tolist() == [3, 0]


def test_averages_take_no_gradient(seen):
    state = {}
    weight = torch.tensor(1.0, requires_grad=True)
    LeCam(weight=1.0, decay=0.5, every=1)(seen(lambda x: weight * first_pixel(x), *level(2.0, -1.0)), (), state)
    assert not state["averages"].requires_grad
