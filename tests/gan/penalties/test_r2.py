"""R2 is R1 of generated images."""

import pytest
import torch

from aeaug.gan.networks import build_discriminator
from aeaug.gan.penalties.r1 import R1, r1_penalty
from aeaug.gan.penalties.r2 import R2


def test_it_is_r1_with_the_two_kinds_exchanged(seen):
    discriminator = build_discriminator("mlp", 16, 2)
    draw = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, 4, 1, 28, 28, generator=draw)
    r2 = R2(gamma=3.0, every=8)(seen(discriminator, real, fake), (), {})
    assert r2.equal(R1(gamma=3.0, every=8)(seen(discriminator, fake, real), (), {}))
    assert r2.item() == pytest.approx(r1_penalty(discriminator, fake, 3.0).item(), rel=1e-6)


def test_a_linear_discriminator_has_the_same_slope_everywhere(seen):
    """D(x) = ⟨w, x⟩ with every weight 1/10: ‖∇D‖² = 7.84."""
    linear = lambda x: x.sum((1, 2, 3)) / 10  # noqa: E731
    step = seen(linear, torch.zeros(3, 1, 28, 28), torch.ones(3, 1, 28, 28))
    assert R2(gamma=2.0, every=1)(step, (), {}).item() == pytest.approx(7.84, rel=1e-5)
