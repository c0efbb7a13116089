"""The net of random weights."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from aeaug.data.sets.mnist_5k import MNIST_5K
from aeaug.data.sets.stacked_mnist import STACKED_MNIST
from aeaug.evaluation.features import extract
from aeaug.evaluation.spaces.untrained import untrained_net


def layers(net):
    return [layer for layer in net.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]


def test_it_is_the_same_wherever_it_is_made_and_no_draw_is_global():
    before = torch.get_rng_state()
    (first, sha256), (again, same) = (untrained_net(MNIST_5K) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert sha256 == same
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert not first.training
    assert not any(weights.requires_grad for weights in first.parameters())
    assert untrained_net(STACKED_MNIST)[1] == sha256  # channels are images of their own, and the net is theirs
    assert untrained_net(replace(MNIST_5K, shape=(1, 32, 32)))[1] != sha256


def test_weights_are_those_of_he():
    for layer in layers(untrained_net(MNIST_5K)[0]):
        weights, fan_in = layer.weight.double(), layer.weight[0].numel()
        assert weights.abs().max() <= (6 / fan_in) ** 0.5 * (1 + 1e-6)
        assert weights.var().item() == pytest.approx(2 / fan_in, rel=0.12)  # of 800 weights: 3 standard errors
        assert weights.mean().abs().item() < 4 * (2 / fan_in / weights.numel()) ** 0.5
        assert not layer.bias.any()


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 28, 28), (3, 64, 64)])
def test_any_shape_has_features_that_differ(shape):
    data = replace(MNIST_5K, shape=shape)
    net, _ = untrained_net(data)
    images = torch.rand(6, *shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    found = extract(images, net)
    assert found.features.shape == (6, 96)
    assert found.logits.shape == (6, 0)
    assert torch.pdist(found.features).min() > 0.1


def test_a_stack_has_the_features_of_its_channels():
    images = torch.rand(4, 3, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    (stack, _), (grey, _) = untrained_net(STACKED_MNIST), untrained_net(MNIST_5K)
    channels = [extract(images[:, c : c + 1], grey).features for c in range(3)]
    torch.testing.assert_close(extract(images, stack).features, torch.cat(channels, 1))
