import pytest
import torch

from aeaug.perturbation.dropout import Dropout, dropout
from tests.perturbation.conftest import draw


def test_its_limits_are_the_codes_and_their_mean(codes):
    assert dropout(codes.z, codes.mean, 0, draw()).equal(codes.z)
    assert dropout(codes.z, codes.mean, 1, draw()).equal(codes.mean.expand_as(codes.z))


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.7])
def test_each_dimension_is_dropped_at_the_rate_and_by_itself(codes, rate):
    index = torch.arange(400).repeat(50)
    moved = Dropout(name="dropout", rate=rate)(codes, index, draw())
    z = codes.z[index]
    changed = moved[:, :3] != z[:, :3]  # the fourth is constant
    assert moved[:, :3][changed].equal(codes.mean[:3].expand_as(changed)[changed])
    assert moved[:, :3][~changed].equal(z[:, :3][~changed])
    n = len(index)
    assert changed.double().mean(0).tolist() == pytest.approx([rate] * 3, abs=5 * (rate * (1 - rate) / n) ** 0.5)
    both = (changed[:, 0] & changed[:, 1]).double().mean().item()
    assert both == pytest.approx(rate**2, abs=5 * (rate**2 * (1 - rate**2) / n) ** 0.5)
