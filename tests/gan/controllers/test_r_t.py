import pytest
import torch

from aeaug.gan.controllers.r_t import RealSign, real_sign


def r_t(logits, synthetic):
    total, number = real_sign(logits, synthetic).tolist()
    return total / number


REAL = torch.zeros(6, dtype=torch.bool)


@pytest.mark.parametrize(
    ("logits", "value"),
    [
        ([1, 2, 3, 0.1, 5, 6], 1.0),
        ([-1, -2, -3, -4, -5, -6], -1.0),
        ([1, -1, 2, -2, 3, -3], 0.0),
        ([1, 1, 1, 1, 1, -9], 4 / 6),
    ],
)
def test_the_mean_sign_whatever_the_sizes(logits, value):
    assert r_t(torch.tensor(logits), REAL) == pytest.approx(value, abs=1e-6)
    assert r_t(100 * torch.tensor(logits), REAL) == pytest.approx(value, abs=1e-6)
    assert r_t(-torch.tensor(logits), REAL) == pytest.approx(-value, abs=1e-6)


def test_injected_images_do_not_count_and_without_others_there_is_no_signal():
    logits, synthetic = torch.tensor([1.0, 1.0, -1.0, -1.0]), torch.tensor([False, False, True, True])
    assert real_sign(logits, synthetic).tolist() == [2, 2]
    assert real_sign(logits, ~synthetic).tolist() == [-2, 2]
    assert real_sign(logits, torch.ones(4, dtype=torch.bool)).tolist() == [0, 0]


def test_the_rate_has_an_upper_clamp():
    assert RealSign(target=0.6, images=100, most=0.8).moved(0.7, 1.0, 50) == 0.8


def test_the_rate_follows_the_side_of_the_target_by_the_images_shown():
    moved = RealSign(target=0.6, images=1_000).moved
    assert moved(0.5, 0.61, 100) == pytest.approx(0.6)
    assert moved(0.5, 0.99, 100) == pytest.approx(0.6)  # however far
    assert moved(0.5, 0.59, 100) == pytest.approx(0.4)
    assert moved(0.5, 0.6, 100) == 0.5
    assert moved(0.95, 1.0, 100) == 1.0
    assert moved(0.05, -1.0, 100) == 0.0
    rate = 0.0
    for _ in range(10):
        rate = moved(rate, 1.0, 100)
    assert rate == pytest.approx(1.0)  # from 0 to 1 in so many images


def test_it_holds_its_target_where_the_signal_answers():
    """A discriminator whose r_t falls with the rate: the rate settles where r_t is the target, within a step."""
    controller, rate, found = RealSign(target=0.6, images=5_000), 0.0, []
    for _ in range(400):
        signal = 0.9 - 0.7 * rate
        rate = controller.moved(rate, signal, 64 * 4)
        found.append(signal)
    assert found[-50:] == pytest.approx([0.6] * 50, abs=0.7 * 256 / 5_000 + 1e-9)
