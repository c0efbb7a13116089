"""bCR: its term against closed forms, and its limits."""

import pytest
import torch

from aeaug.gan.networks import build_discriminator
from aeaug.gan.penalties.bcr import BCR, consistency


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count, seed=0):
    return torch.rand(count, 1, 28, 28, generator=rng(seed)) * 2 - 1


def test_its_term_is_a_mean_of_squares():
    value = consistency(torch.tensor([1.0, 2.0, -3.0]), torch.tensor([1.0, 0.0, -1.0]))
    assert value.item() == pytest.approx((0 + 4 + 4) / 3)


def term(seen, discriminator, real, fake, weight=10.0):
    penalty = BCR(weight=weight, translation=0.125, every=1)
    more = discriminator(penalty.more(torch.cat([real, fake]), lambda _: rng(1)))
    return penalty(seen(discriminator, real, fake), more.split(len(real)), {})


def test_it_is_that_of_each_kind_and_proportional_to_its_weight(seen):
    network, real, fake = build_discriminator("mlp", 16, 2), images(5), images(5, 1)
    whole = term(seen, network, real, fake)
    more = BCR(weight=1.0, translation=0.125, every=1).more(torch.cat([real, fake]), lambda _: rng(1)).split(5)
    expected = sum(consistency(network(one), network(other)) for one, other in zip((real, fake), more, strict=True))
    assert whole.item() == pytest.approx(10 * expected.item(), rel=1e-4)
    assert term(seen, network, real, fake, 1.0).item() == pytest.approx(expected.item(), rel=1e-4)


def test_a_discriminator_that_shifts_do_not_matter_to_has_none(seen):
    """The sum of the pixels within the background, of images whose borders are empty."""
    inner = torch.full((4, 1, 28, 28), -1.0)
    inner[:, :, 8:20, 8:20] = images(4)[:, :, 8:20, 8:20]
    assert term(seen, lambda some: some.sum((1, 2, 3)), inner, inner).item() == pytest.approx(0, abs=1e-5)
    assert term(seen, lambda some: some[:, 0, 10, 10], inner, inner).item() > 1
