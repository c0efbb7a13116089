"""Nets that are trained on images that no subset has, once."""

import pytest
import torch

from aeaug.artifacts import ArtifactStore
from aeaug.data.images import to_float
from aeaug.data.sets.mnist_5k import MNIST_5K
from aeaug.data.sets.stacked_mnist import stacked_splits
from aeaug.data.sets.stacked_mnist_5k import STACKED_MNIST_5K
from aeaug.evaluation.features import FeatureNet, extract
from aeaug.evaluation.spaces import TRAINED, label_free, labels, trained
from aeaug.evaluation.spaces.trained import FEWEST, fault_of_images, trained_net
from aeaug.faults import Fault


def pixels(images):
    return {image.numpy().tobytes() for image in images}


@pytest.fixture
def shown(monkeypatch):
    """What each training is given; untrained nets come out of it."""
    given = {}

    def recorded(module, classes):
        def train(images, *own, **options):
            given[module] = (images, *own, options)
            return FeatureNet((1, *images.shape[-2:]), classes)

        monkeypatch.setattr(module, "train", train)

    recorded(label_free, 0)
    recorded(labels, 10)
    return given


@pytest.mark.parametrize("space", TRAINED)
def test_nothing_that_is_measured_is_trained_on(space, kept_for_nets, shown, tmp_path):
    splits = kept_for_nets(700)
    trained_net(space, MNIST_5K, splits, ArtifactStore(tmp_path))
    ((images, *own, options),) = shown.values()
    assert images.equal(splits.pool_images[-700:])
    measured = (splits.val_images, splits.test_images, splits.unseen_images, splits.pool_images[: splits.pool_unseen])
    assert not any(pixels(images) & pixels(part) for part in measured)
    assert [one.tolist() for one in own] == ([splits.pool_labels[-700:].tolist()] if space == "labels" else [])
    steps = options["epochs"] * (len(images) // options["batch_size"])
    assert steps == pytest.approx(trained.STEPS[space], rel=0.01)  # as many as the pinned nets took
    assert options["progress"] is False


@pytest.mark.parametrize("space", TRAINED)
def test_it_is_trained_once_and_found_again_bit_for_bit(space, kept_for_nets, tmp_path, monkeypatch):
    splits, store = kept_for_nets(500), ArtifactStore(tmp_path)
    before = torch.get_rng_state()
    first, sha256 = trained_net(space, MNIST_5K, splits, store, in_small=True)
    assert torch.equal(torch.get_rng_state(), before)
    monkeypatch.setattr(label_free, "train", None)
    monkeypatch.setattr(labels, "train", None)
    again, same = trained_net(space, MNIST_5K, splits, store, in_small=True)
    assert same == sha256
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert not again.training
    assert not any(weights.requires_grad for weights in again.parameters())
    assert extract(to_float(splits.val_images[:5]), again).logits.shape == (5, 10 if space == "labels" else 0)
    with pytest.raises(TypeError):  # other images: another net, that has to be trained
        trained_net(space, MNIST_5K, kept_for_nets(600), store, in_small=True)
    (file,) = tmp_path.rglob("net.pt")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Fault, match="delete the folder to rebuild it"):
        trained_net(space, MNIST_5K, splits, store, in_small=True)


def test_labels_count_for_the_space_that_is_named_after_them_alone(kept_for_nets, tmp_path):
    splits = kept_for_nets(500)
    other = splits._replace(pool_labels=splits.pool_labels.flip(0))
    found = {}
    for space in TRAINED:
        for which, some in (("own", splits), ("other", other)):
            found[space, which] = trained_net(space, MNIST_5K, some, ArtifactStore(tmp_path), in_small=True)[1]
    assert found["label_free", "own"] == found["label_free", "other"]
    assert found["labels", "own"] != found["labels", "other"]


def test_a_classifier_of_images_kept_for_it_tells_others(kept_for_nets, tmp_path, monkeypatch):
    splits = kept_for_nets(750)
    monkeypatch.setitem(trained.STEPS, "labels", 36)
    net, _ = trained_net("labels", MNIST_5K, splits, ArtifactStore(tmp_path))
    told = extract(to_float(splits.test_images), net).logits.argmax(1)
    assert (told == splits.test_labels).double().mean() > 0.6


def test_of_stacked_images_channels_are_trained_on_one_by_one(kept_for_nets, shown, tmp_path):
    digits = kept_for_nets(500)
    splits = stacked_splits(digits, pool=3_000, unseen=2_000, fresh=0, validation=1_000, test=1_000)
    trained_net("labels", STACKED_MNIST_5K, splits, ArtifactStore(tmp_path))
    images, own, options = shown[labels]
    assert options["epochs"] * (len(images) // options["batch_size"]) == pytest.approx(4_000, rel=0.01)
    assert images.shape == (3_000, 28, 28)  # of 1,000 stacks
    digit = {
        image.numpy().tobytes(): int(label) for image, label in zip(digits.pool_images, digits.pool_labels, strict=True)
    }
    assert [digit[image.numpy().tobytes()] for image in images] == own.tolist()


def test_too_few_images_are_refused_in_one_line(kept_for_nets):
    for space in TRAINED:
        assert fault_of_images(space, MNIST_5K, kept_for_nets(FEWEST)) is None
        line = fault_of_images(space, MNIST_5K, kept_for_nets(FEWEST - 1))
        assert f"{space} is trained on images that no subset has, at least 500; data.name=mnist_5k leaves 499" in line
        assert "\n" not in line
    own = kept_for_nets(0)  # a user's images: those for nets are in no pool
    own = own._replace(for_nets=(own.pool_images[:86], own.pool_labels[:86]))
    line = fault_of_images("label_free", MNIST_5K, own)
    assert "keeps 86 for nets, a tenth of its images" in line
    assert "pool" not in line
    splits = kept_for_nets(500)
    one_less = splits._replace(pool_labels=splits.pool_labels.where(splits.pool_labels != 3, 4))
    assert "none is of class 3" in fault_of_images("labels", MNIST_5K, one_less)
    assert fault_of_images("label_free", MNIST_5K, one_less) is None
