"""What all data sets have in common; of one whose files are not here, what can be told without them."""

from pathlib import Path
from typing import get_args

import pytest
import torch
import yaml

from aeaug.data import MNISTDataModule, to_float
from aeaug.data.options import OWN, DataOptions
from aeaug.data.sets import DATA_SETS, DataName, data_set
from aeaug.data.splits import FEATURE_NETS_SAW, SUBSETS
from aeaug.options import choice_of
from aeaug.sweep.composition.overrides import CONF

every = pytest.mark.parametrize("name", DATA_SETS)
WITH_FILES = [name for name, data in DATA_SETS.items() if data.files and not data.channels_of]


def bytes_of(images):
    return [image.numpy().tobytes() for image in images]


def test_names_are_those_of_option_files():
    assert get_args(DataName) == tuple(DATA_SETS) == tuple(data.name for data in DATA_SETS.values())
    files = {path.stem: yaml.safe_load(path.read_text()) for path in Path(CONF, "data").glob("*.yaml")}
    assert {stem: choice_of(content) for stem, content in files.items()} == {name: name for name in (*DATA_SETS, *OWN)}


@every
def test_the_description_is_of_the_images(name, root_of):
    data, splits = DATA_SETS[name], DATA_SETS[name].load(root_of(name))
    assert [len(part) for part in splits[:6:2]] == [data.pool, data.validation, data.test]
    for images, labels in zip(splits[:6:2], splits[1:6:2], strict=True):
        assert to_float(images[:2]).shape == (2, *data.shape)
        assert labels.unique().tolist() == list(range(data.classes))
    assert splits.pool_images.double().mean().item() / 255 == pytest.approx(data.mean_intensity, abs=0.005)
    assert data.pixels == splits.pool_images[0].numel()
    assert len(set(data.class_names)) == data.classes


@every
def test_no_image_is_in_two_splits(name, root_of):
    splits = DATA_SETS[name].load(root_of(name))
    parts = [set(bytes_of(images)) for images in (splits.pool_images, splits.val_images, splits.test_images)]
    for place, part in enumerate(parts):
        assert not any(part & other for other in parts[place + 1 :])


@every
def test_what_is_unseen_is_told_where_it_stands_in_the_pool(name, root_of):
    splits = DATA_SETS[name].load(root_of(name))
    in_pool = splits.unseen_pool_positions >= 0
    assert splits.unseen_pool_positions[in_pool].equal(torch.arange(splits.pool_unseen))
    assert splits.pool_images[splits.unseen_pool_positions[in_pool]].equal(splits.unseen_images[in_pool])


@pytest.mark.parametrize("name", WITH_FILES)
def test_of_60000_images(name, root_of):
    files, splits = DATA_SETS[name].files.load(root_of(name)), DATA_SETS[name].load(root_of(name))
    assert splits.pool_images[:25_000].equal(files.train_images[:25_000])
    assert splits.pool_labels[25_000:].equal(files.train_labels[35_000:])
    assert splits.pool_unseen == SUBSETS.stop == 25_000
    assert splits.test_images.equal(files.test_images)
    assert splits.test_labels.equal(files.test_labels)
    assert splits.unseen_images.equal(torch.cat([files.train_images[:25_000], files.train_images[30_000:35_000]]))
    # The validation slice, in another order than the files', with the labels that belong to it.
    slice_ = files.train_images[25_000:30_000]
    assert not splits.val_images.equal(slice_)
    place = {image: number for number, image in enumerate(bytes_of(slice_))}
    order = torch.tensor([place[image] for image in bytes_of(splits.val_images)])
    assert order.unique().numel() == len(place) == 5_000
    assert splits.val_labels.equal(files.train_labels[25_000:30_000][order])
    # Neighbours stand far apart in the files, where those of MNIST are by one writer.
    assert 1_000 < float((order[1:] - order[:-1]).abs().double().mean()) < 2_500


@pytest.mark.parametrize("name", WITH_FILES)
def test_no_net_has_seen_what_is_said_to_be_unseen(name, root_of):
    files, splits = DATA_SETS[name].files.load(root_of(name)), DATA_SETS[name].load(root_of(name))
    seen = set(bytes_of(files.train_images[FEATURE_NETS_SAW]))
    for images in (splits.unseen_images, splits.val_images, splits.test_images, splits.pool_images[:25_000]):
        assert not any(image in seen for image in bytes_of(images))


@pytest.mark.parametrize("name", WITH_FILES)
@pytest.mark.parametrize(("n_train", "seen"), [(25_000, 0), (25_001, 1), (50_000, 25_000), (None, 25_000)])
def test_larger_subsets_say_how_many_images_a_net_has_seen(name, root_of, n_train, seen):
    data = MNISTDataModule(name, root_of(name), n_train, subset_seed=3)
    data.setup()
    assert data.net_seen == data.summary["net_seen"] == seen


def test_an_unknown_one_is_named():
    names = ", ".join(DATA_SETS)
    with pytest.raises(ValueError, match=rf"^data\.name=cifar: must be one of {names}$"):
        data_set("cifar")
    with pytest.raises(ValueError, match=rf"^data\.name=cifar: must be one of {names}$"):
        MNISTDataModule("cifar")


@every
def test_a_subset_has_one_image_of_each_class_at_least_and_the_pool_at_most(name):
    data, options = DATA_SETS[name], {"name": name, "root": "x", "subset_seed": 0, "balanced": True}
    for n_train, size in ((data.classes, data.classes), (data.pool, data.pool), (None, data.pool)):
        assert DataOptions(**options, n_train=n_train).size_of_subset == size
    for n_train in (data.classes - 1, data.pool + 1):
        with pytest.raises(ValueError, match="n_train"):
            DataOptions(**options, n_train=n_train)
