import pytest
import torch

from aeaug.gan.pseudo.generated import AdaptivePseudo, Generated, replaced


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


def constant(value, count=2_000):
    return torch.full((count, 1, 2, 2), float(value))


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.8])
def test_each_image_is_replaced_by_the_one_in_its_place_with_this_probability(probability):
    n = 20_000
    images, taken = replaced(constant(1, n), constant(-1, n), probability, draw())
    assert taken.dtype == torch.bool
    assert images[:, 0, 0, 0].eq(1 - 2.0 * taken).all()
    assert (images == images[:, :1, :1, :1]).all(), "whole images"
    assert float(taken.double().mean()) == pytest.approx(
        probability, abs=5 * (probability * (1 - probability) / n) ** 0.5
    )


def test_at_the_ends_none_and_all_are_replaced():
    kept, none = replaced(constant(1), constant(-1), 0.0, draw())
    gone, every = replaced(constant(1), constant(-1), 1.0, draw())
    assert kept.eq(1).all()
    assert gone.eq(-1).all()
    assert not none.any()
    assert every.all()


def test_without_a_rate_nothing_is_generated():
    def never():
        raise AssertionError

    assert AdaptivePseudo(lambda shown: 0.0)(constant(1), never, draw(), 0) is None


def test_its_probability_goes_with_the_share():
    """Twice the probability at half the share is the same, image for image."""
    whole, half = Generated(probability=0.3).at(lambda shown: 1.0), Generated(probability=0.6).at(lambda shown: 0.5)
    (images, taken), (others, same) = (one(constant(1), lambda: constant(-1), draw(), 0) for one in (whole, half))
    assert images.equal(others)
    assert taken.equal(same)
    assert float(taken.double().mean()) == pytest.approx(0.3, abs=5 * (0.21 / 2_000) ** 0.5)
