import pytest
import torch

from aeaug.augmentation.sources.noise import Noise


def test_it_is_gaussian_and_clipped(draw):
    grey = torch.zeros(100, 1, 28, 28)
    made = Noise(name="noise").changed(grey, 0.2, draw())
    assert float(made.std()) == pytest.approx(0.2, rel=0.02)
    assert float(Noise(name="noise").changed(grey, 5.0, draw()).abs().max()) == 1
    assert not made[0].equal(made[1])
