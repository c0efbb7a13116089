"""Files that are checked before they are believed, those of every data set that has some."""

import gzip
import hashlib
import struct
from pathlib import Path

import pytest
import torch
import torchvision.datasets

from aeaug.data.idx import IDXSource
from aeaug.data.sets import DATA_SETS
from aeaug.faults import Fault

SOURCES = {name: data.files for name, data in DATA_SETS.items() if data.files}


def idx(magic, array):
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.numpy().tobytes()


@pytest.fixture(params=SOURCES.values(), ids=SOURCES)
def source(request):
    return request.param


@pytest.fixture
def small_files(source, tmp_path, monkeypatch):
    """Four small valid files whose sums are the expected ones."""
    draw = torch.Generator().manual_seed(0)
    raw = tmp_path / source.folder / "raw"
    raw.mkdir(parents=True)
    arrays = {}
    for name in source.md5:
        shape, magic = ((7, 28, 28), 2051) if "images" in name else ((7,), 2049)
        arrays[name] = torch.randint(10, shape, generator=draw, dtype=torch.uint8)
        content = idx(magic, arrays[name])
        (raw / name).write_bytes(content)
        monkeypatch.setitem(source.md5, name, hashlib.md5(content).hexdigest())
    return tmp_path, arrays


def test_round_trip(source, small_files):
    root, arrays = small_files
    loaded = source.load(root)
    for tensor, array in zip(loaded, arrays.values(), strict=True):
        assert tensor.equal(array.to(tensor.dtype))
    assert loaded.train_images.dtype == torch.uint8
    assert loaded.train_labels.dtype == torch.int64


def pack(path):
    """Put a packed file in the place of one, made another time by another program: its own bytes say nothing."""
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), compresslevel=1, mtime=1))
    path.unlink()


def test_packed_files_are_read_where_they_are(source, small_files):
    """In a folder that may be linked and not written to, as Debian's package installs them."""
    root, arrays = small_files
    raw = root / source.folder / "raw"
    for name in list(arrays)[:3]:
        pack(raw / name)
    before = sorted(raw.iterdir())
    for tensor, array in zip(source.load(root, download=False), arrays.values(), strict=True):
        assert tensor.equal(array.to(tensor.dtype))
    assert sorted(raw.iterdir()) == before


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b"no", lambda b: b[:20] + bytes(9) + b[29:]])
def test_damaged_packed_files_are_named(source, small_files, damage):
    raw = small_files[0] / source.folder / "raw"
    pack(raw / "train-images-idx3-ubyte")
    packed = raw / "train-images-idx3-ubyte.gz"
    packed.write_bytes(damage(packed.read_bytes()))
    with pytest.raises(ValueError, match=r"^data\.root: .*train-images-idx3-ubyte\.gz is not") as caught:
        source.load(small_files[0])
    assert "replace or delete it" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_file_itself_is_taken_before_a_packed_one(source, small_files):
    """Torchvision leaves what it downloaded beside what it unpacked."""
    root, arrays = small_files
    (root / source.folder / "raw" / "train-images-idx3-ubyte.gz").write_bytes(b"half of a download")
    assert source.load(root).train_images.equal(arrays["train-images-idx3-ubyte"])


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
def test_damaged_files_are_named(source, small_files, name, damage, reason):
    path = small_files[0] / source.folder / "raw" / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=reason) as caught:
        source.load(small_files[0])
    assert str(path) in str(caught.value)
    assert f"not {source.title}'s file" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_data_sets_files_are_refused(source, small_files, monkeypatch):
    """All come in the same form: only their sums tell them apart."""
    root, _ = small_files
    for name in source.md5:
        monkeypatch.setitem(source.md5, name, "0" * 32)
    with pytest.raises(ValueError, match="its MD5 sum is not that of the original"):
        source.load(root)


def test_missing_files_say_where_how_and_what_else(source, tmp_path):
    with pytest.raises(ValueError, match=f"{source.title} not found") as caught:
        source.load(tmp_path, download=False)
    message = str(caught.value)
    assert str((tmp_path / source.folder / "raw").resolve()) in message
    assert "AEAUG_DATA" in message
    assert "data=mnist_5k" in message


def test_unusable_download_folder_is_one_line(source, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(ValueError, match="downloading failed") as caught:
        source.load(blocked)
    assert "\n" not in str(caught.value)


def no_network(*given, **more):
    raise RuntimeError("Error downloading:\nno route to host")


def test_files_that_torchvision_knows_nothing_of_are_said_to_be_missing(tmp_path):
    own = IDXSource("Letters", "Letters", {"train-images-idx3-ubyte": "0" * 32}, "data=mnist_5k")
    with pytest.raises(Fault, match=r"^data\.root: Letters not found in .*torchvision has no Letters to download"):
        own.load(tmp_path)


@pytest.mark.parametrize("there", [(), ("data",), ("data", "deep")])
def test_where_nothing_can_be_downloaded_no_empty_folder_stays(source, tmp_path, monkeypatch, there):
    def downloads(root, download):
        (Path(root) / source.folder / "raw").mkdir(parents=True, exist_ok=True)
        no_network()

    monkeypatch.setattr(torchvision.datasets, source.folder, downloads)
    root = tmp_path / "data" / "deep"
    if there:
        (tmp_path / Path(*there)).mkdir(parents=True)
        (tmp_path / "data" / "mine").write_text("")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Fault, match=rf"data\.root: {source.title} not found in .*no route to host") as caught:
        source.load(root)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_was_downloaded_before_it_failed_stays(source, tmp_path, monkeypatch):
    def downloads(root, download):
        raw = Path(root) / source.folder / "raw"
        raw.mkdir(parents=True)
        (raw / "half.gz").write_text("")
        no_network()

    monkeypatch.setattr(torchvision.datasets, source.folder, downloads)
    with pytest.raises(Fault, match="downloading failed"):
        source.load(tmp_path / "data")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["half.gz"]


def test_a_folder_in_the_place_of_a_file_is_said(source, small_files):
    root, _ = small_files
    file = root / source.folder / "raw" / "t10k-labels-idx1-ubyte"
    file.unlink()
    file.mkdir()
    with pytest.raises(Fault, match=r"data\.root: .*t10k-labels-idx1-ubyte is not readable \(Is a directory\)"):
        source.load(root)


@pytest.mark.parametrize("name", ["x" * 300, "circle", "\0"])
def test_a_root_that_is_no_path_is_one_line(source, tmp_path, name):
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(ValueError, match=r"^data\.root: ") as caught:
        source.load(tmp_path / name)
    assert "\n" not in str(caught.value)
