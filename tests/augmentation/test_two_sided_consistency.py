"""two_sided_consistency: both of its parts; an image and what T makes of it are seen through the same draws."""

import pytest
import torch

from aeaug.augmentation.consistency import Consistency
from aeaug.augmentation.two_sided import TwoSided
from aeaug.augmentation.two_sided_consistency import TwoSidedConsistency
from aeaug.gan import GANModule
from tests.augmentation.test_append_consistency import entered
from tests.augmentation.test_consistency import SMALL

BOTH = TwoSidedConsistency(name="two_sided_consistency", probability=0.4, weight=10.0)


def flip(some, _):
    return some.flip(-1)


def same(first, second):
    return all(a.equal(b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_nothing_is_injected():
    assert BOTH.rates() == {}
    assert BOTH.real_share() == 1
    assert BOTH.transforms


def test_at_a_share_of_nothing_it_is_none(trained):
    module = GANModule(**SMALL)
    BOTH.enter(module, flip, lambda shown: 0.0)
    assert same(trained(module), trained(GANModule(**SMALL)))


def test_with_hardly_a_probability_it_is_consistency(trained):
    rare = BOTH.model_copy(update={"probability": 1e-9})
    alone = Consistency(name="consistency", weight=10.0)
    assert same(trained(entered(rare, flip)), trained(entered(alone, flip)))
    assert not same(trained(entered(BOTH, flip)), trained(entered(alone, flip)))


def test_with_hardly_a_weight_it_is_two_sided(trained):
    slight = BOTH.model_copy(update={"weight": 1e-12})
    alone = TwoSided(name="two_sided", probability=0.4)
    for mine, expected in zip(
        trained(entered(slight, flip)).parameters(), trained(entered(alone, flip)).parameters(), strict=True
    ):
        torch.testing.assert_close(mine, expected, rtol=1e-3, atol=1e-5)


def test_what_stands_beside_an_image_is_seen_through_its_draws(trained):
    """T adds 1: an image is seen as itself beside T(x), or as T(x) beside T(T(x)), never crosswise."""
    module, seen = entered(BOTH, lambda some, _: some + 1), []

    class Told(GANModule):
        def _discriminate(self, images, of=None):
            if of == "own pass":
                seen.append(images.detach())
            return super()._discriminate(images, of)

    module.__class__ = Told
    trained(module)
    assert len(seen) == 10
    shares = []
    for images in seen:
        plain, beside = images.chunk(2)
        torch.testing.assert_close(beside, plain + 1)
        shares.append(float((plain.flatten(1).amin(1) > -0.5).float().mean()))  # background is −1, moved to 0
    assert sum(shares) / len(shares) == pytest.approx(0.4, abs=4 * (0.24 / 400) ** 0.5)
