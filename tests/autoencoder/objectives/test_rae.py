import pytest
import torch
from torch import nn

from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.objectives import RAE, Plain
from aeaug.autoencoder.objectives.objective import Networks
from tests.autoencoder.objectives.conftest import draw, networks


def test_half_the_squared_norm_of_codes_is_added_a_pixel():
    y = torch.rand(5, 1, 28, 28, generator=draw(1))
    norm = (y.flatten(1) * 0.5).square().sum(1).mean() / 2
    plain = Plain().loss(y, networks(), None)
    assert RAE(0.0).loss(y, networks(), None) == plain
    assert float(RAE(3.0).loss(y, networks(), None) - plain) == pytest.approx(3 * float(norm) / 784, rel=1e-4)


def test_it_is_a_pixel_however_few_numbers_a_code_has():
    """A code of 3 and 4, and a decoder that errs nowhere: λ / 784 times 25 / 2."""
    y = torch.rand(5, 1, 28, 28, generator=draw(1))
    code = torch.tensor([[3.0, 4.0]]).expand(5, 2)
    exact = Networks(lambda y: code, lambda z: y, lambda decoded, y: (decoded - y).square().mean())
    assert float(RAE(2.0).loss(y, exact, None)) == pytest.approx(2 / 784 * 25 / 2, rel=1e-6)


def test_near_codes_have_near_logits():
    """SiLU's slope is at most 1.1; the weights' norm is 1 once the power iteration has found it."""
    module = AutoencoderModule("rae", 8, weight=0.01)
    codes = torch.randn(64, 8, generator=draw())
    for _ in range(50):  # in training each pass takes a step
        module.decoder(codes)
    module.eval()
    for layer in module.decoder.modules():
        if isinstance(layer, nn.Linear):
            assert float(torch.linalg.matrix_norm(layer.weight, 2)) == pytest.approx(1.0, abs=0.02)
    logits = module.decoder(codes).flatten(1)
    assert (torch.pdist(logits) <= 1.12 * torch.pdist(codes)).all()
