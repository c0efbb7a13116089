"""The mean losses of an epoch."""

import pytest
import torch

from aeaug.gan.epoch_losses import EpochLosses


def shown(pairs, discriminator_steps=1):
    losses = EpochLosses(discriminator_steps)
    for discriminator, generator in pairs:
        for loss in discriminator:
            losses.of_discriminator(torch.tensor(float(loss)))
        losses.of_generator(torch.tensor(float(generator)))
    return losses


def test_means_are_over_the_epoch_or_its_last_steps():
    losses = shown([([1], 10), ([2], 20), ([6], 60)])
    assert losses.mean().tolist() == [3, 30]
    assert losses.mean(2).tolist() == [4, 40]
    assert losses.mean(100).tolist() == [3, 30]
    assert losses.steps == 3


def test_the_discriminators_steps_between_two_of_the_generator_count_as_one():
    losses = shown([([1, 3], 10), ([5, 7], 20)], discriminator_steps=2)
    assert losses.mean().tolist() == [4, 15]
    assert losses.mean(2).tolist() == [6, 20]
    assert losses.mean(1).tolist() == [6, 20]  # one step at least of the generator's
    assert losses.steps == 4


def test_an_epoch_begins_anew():
    losses = shown([([1], 10)])
    losses.of_discriminator(torch.tensor(100.0))
    assert losses
    losses.clear()
    assert not losses
    assert losses.steps == 0
    losses.of_discriminator(torch.tensor(2.0))
    losses.of_generator(torch.tensor(20.0))
    assert losses.mean().tolist() == pytest.approx([2, 20])


def test_a_penalty_is_the_mean_of_the_steps_at_which_it_was_due():
    losses = EpochLosses(1)
    for name, value in (("r1", 4), ("lecam", 1), ("lecam", 2), ("lecam", 6)):
        losses.of_penalty(name, torch.tensor(float(value)))
    assert {name: value.item() for name, value in losses.penalties().items()} == {"r1": 4, "lecam": 3}
    losses.clear()
    assert losses.penalties() == {}
