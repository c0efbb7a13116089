from functools import cached_property
from types import SimpleNamespace

import pytest
import torch

from aeaug.data.sets import data_set
from aeaug.signs.pair import (
    class_kl,
    decoded_over_generated,
    off_slope_1,
    real_over_generated,
    squared_slope,
    steepest,
    steepest_of,
)


def linear(slope):
    """D(x) = slope times the sum of the pixels over 28: its gradient has that norm everywhere."""
    return lambda images: slope * images.flatten(1).sum(1) / 28


def images(value, n=10):
    return torch.full((n, 1, 28, 28), value) + 0.1 * torch.randn(
        n, 1, 28, 28, generator=torch.Generator().manual_seed(0)
    )


class Run:
    def __init__(self, slope=2.0):
        self.module = SimpleNamespace(judge=linear(slope), sample=lambda n, seed, purpose: images(0.0, n))
        self.options = SimpleNamespace(seed=0)
        self.fed = SimpleNamespace(description=data_set("mnist"))

    @cached_property
    def train(self):
        return images(0.5)

    @cached_property
    def generated(self):
        return images(-0.5, 20)

    @cached_property
    def decoded(self):
        return images(0.0)


def test_slopes_of_a_linear_discriminator_are_its_own_everywhere():
    assert squared_slope(lambda run: run.train)(Run(2.0)) == pytest.approx(4, rel=1e-5)
    assert off_slope_1(Run(1.0)) == pytest.approx(0, abs=1e-5)
    assert off_slope_1(Run(3.0)) == pytest.approx(2, rel=1e-5)
    assert steepest(Run(2.0)) == pytest.approx(2, rel=1e-5)


def test_a_slope_that_only_a_pair_shows_is_found():
    def step(images):
        return 5.0 * (images.flatten(1).mean(1) > 0) + 0 * images.flatten(1).sum(1)

    low, high = -torch.ones(1, 1, 28, 28), torch.ones(1, 1, 28, 28)
    assert steepest_of(step, torch.cat([low, high, low])) == pytest.approx(5 / 56)


def test_logits_are_compared_pair_by_pair():
    assert real_over_generated(Run(1.0)) == 1
    assert real_over_generated(Run(-1.0)) == 0
    run = Run(1.0)
    means = run.decoded.sum() / len(run.decoded) - run.generated.sum() / len(run.generated)
    assert decoded_over_generated(run) == pytest.approx(float(means / 28), rel=1e-4)


def test_images_of_one_class_are_collapsed():
    assert 1 < class_kl(Run()) <= 2.31
