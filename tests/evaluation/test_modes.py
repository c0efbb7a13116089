"""Modes of stacked images, against closed forms and on real digits."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from aeaug.data.images import to_float
from aeaug.data.sets.stacked_mnist_5k import STACKED_MNIST_5K
from aeaug.evaluation.features import load_feature_net
from aeaug.evaluation.modes import SAMPLES, modes_in


class Told(torch.nn.Module):
    """A net that reads the mode of an image off its first pixel."""

    num_features, num_classes = 1, 1_000

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        modes = images[:, 0, 0, 0].long()
        return images[:, 0, 0, :1], one_hot(modes, self.num_classes).float()


def of(modes: Tensor) -> list[Tensor]:
    """Images of these modes, in parts."""
    return list(modes.float().view(-1, 1, 1, 1).expand(-1, 3, 2, 2).split(700))


def test_all_modes_once_are_even():
    found = modes_in(of(torch.randperm(1_000)), Told())
    assert found["covered"] == found["samples"] == 1_000
    assert found["kl"] == pytest.approx(0, abs=1e-12)


def test_one_mode_has_all_of_it():
    found = modes_in(of(torch.full((2_600,), 417)), Told())
    assert (found["covered"], found["samples"]) == (1, 2_600)
    assert found["kl"] == pytest.approx(math.log(1_000), rel=1e-12)


@pytest.mark.parametrize("covered", [2, 10, 500])
def test_of_some_modes_evenly_the_rest_is_missing(covered):
    found = modes_in(of(torch.arange(covered).repeat(5)), Told())
    assert found["covered"] == covered
    assert found["kl"] == pytest.approx(math.log(1_000 / covered), rel=1e-12)


def test_an_even_sample_of_26_a_mode_has_the_divergence_of_chance():
    draw = torch.Generator().manual_seed(0)
    found = modes_in(of(torch.randint(1_000, (SAMPLES,), generator=draw)), Told())
    assert (found["covered"], found["samples"]) == (1_000, 26_000)
    assert found["kl"] == pytest.approx(999 / 52_000, rel=0.15)


def test_real_stacks_have_nearly_all_modes_and_a_collapsed_set_one(tmp_path):
    net, _ = load_feature_net(STACKED_MNIST_5K)
    splits = STACKED_MNIST_5K.load(tmp_path)
    test = to_float(splits.test_images)
    real, collapsed = modes_in(test.split(500), net), modes_in([test[:1].expand(50, -1, -1, -1)], net)
    assert real["covered"] > 990
    assert real["kl"] < 0.02
    assert collapsed["covered"] == 1
    assert collapsed["kl"] == pytest.approx(math.log(1_000), rel=1e-12)


def test_of_no_images_there_are_none():
    with pytest.raises(ValueError, match="modes: no images"):
        modes_in([], Told())
