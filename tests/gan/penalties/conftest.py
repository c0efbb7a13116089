import pytest
import torch

from aeaug.gan.seen import Seen


@pytest.fixture
def seen():
    """``seen(discriminator, real, fake, synthetic)``: one step of a discriminator, of process 0."""

    def step(discriminator, real, fake, synthetic=None):
        synthetic = torch.zeros(len(real), dtype=torch.bool) if synthetic is None else synthetic
        draw = lambda purpose: torch.Generator().manual_seed(len(purpose))  # noqa: E731
        logits = discriminator(torch.cat([real, fake]))
        return Seen(discriminator, real, fake, synthetic, *logits.split(len(real)), draw, lambda mean: mean)

    return step
