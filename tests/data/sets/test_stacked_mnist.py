"""Stacks of three digits: what they are made of, how often modes come, and which digits a split has."""

import pytest
import torch

from aeaug.data import MNISTDataModule
from aeaug.data.sets import DATA_SETS
from aeaug.data.sets.mnist_5k import load_mnist_5k
from aeaug.data.sets.stacked_mnist import stacked

STACKED = [name for name, data in DATA_SETS.items() if data.channels_of]
every = pytest.mark.parametrize("name", STACKED)
PARTS = ("pool", "val", "test")


def digits_of(images):
    """The bytes of every channel, and of every grey image."""
    return {digit.numpy().tobytes() for digit in images.reshape(-1, *images.shape[-2:])}


def test_a_stack_is_three_digits_and_its_label_names_them():
    images = torch.arange(20, dtype=torch.uint8)[:, None, None].expand(-1, 2, 2)  # each says which one it is
    labels = torch.arange(20) % 10
    made, modes = stacked(images, labels, 2_000, "a part")
    assert made.shape == (2_000, 3, 2, 2)
    assert made.dtype == torch.uint8
    classes = labels[made[:, :, 0, 0].long()]
    assert (classes * torch.tensor([100, 10, 1])).sum(1).equal(modes)
    assert modes.bincount().tolist() == [2] * 1_000
    assert not modes.equal(modes.sort().values)
    assert len(made[:, 0, 0, 0].unique()) == 20, "every digit of a class is drawn some time"


def test_the_draw_depends_on_the_part_alone():
    images, labels = load_mnist_5k()
    first, again, other = (stacked(images, labels, 50, part)[0] for part in ("a", "a", "b"))
    assert first.equal(again)
    assert not first.equal(other)


@every
def test_a_split_stacks_the_digits_of_the_same_split(name, root_of):
    data, root = DATA_SETS[name], root_of(name)
    splits, digits = data.load(root), data.channels_of.load(root)
    for part in PARTS:
        own = digits_of(getattr(splits, f"{part}_images"))
        assert own <= digits_of(getattr(digits, f"{part}_images"))
        assert len(own) > 0.9 * len(getattr(digits, f"{part}_images"))  # nearly all of them
    assert digits_of(splits.unseen_images) <= digits_of(digits.unseen_images)
    assert digits_of(splits.pool_images[: splits.pool_unseen]) <= digits_of(digits.pool_images[: digits.pool_unseen])


@every
def test_no_digit_is_on_both_sides(name, root_of):
    splits = DATA_SETS[name].load(root_of(name))
    pool, val, test = (digits_of(getattr(splits, f"{part}_images")) for part in PARTS)
    assert not pool & val
    assert not pool & test
    assert not val & test
    if len(splits.pool_images) > splits.pool_unseen:
        unseen = [splits.unseen_images, splits.val_images, splits.test_images]
        assert not digits_of(splits.pool_images[splits.pool_unseen :]) & digits_of(torch.cat(unseen))


@every
def test_modes_come_equally_often_and_all_again_at_the_next_loading(name, root_of):
    splits = DATA_SETS[name].load(root_of(name))
    for part in PARTS:
        labels = getattr(splits, f"{part}_labels")
        assert labels.bincount().tolist() == [len(labels) // 1_000] * 1_000
    assert DATA_SETS[name].load(root_of(name)).sha256 == splits.sha256


def test_a_subset_has_every_mode_equally_often():
    data = MNISTDataModule("stacked_mnist_5k", n_train=2_000, subset_seed=1)
    data.setup()
    assert data.train_images.shape == (2_000, 3, 28, 28)
    assert data.train_labels.bincount().tolist() == [2] * 1_000
    batch = next(iter(data.train_dataloader()))
    assert batch.images.shape == (128, 3, 28, 28)
