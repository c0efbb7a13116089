"""What all kinds of files have in common: whole or not at all, never over what is there, the same bytes again."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from aeaug.data import to_float
from aeaug.export.numpy_file import write_npy, write_npz
from aeaug.export.pixels import to_bytes
from aeaug.export.place import appearing_folder, made_above, require_free
from aeaug.export.png import write_grid, write_pngs
from aeaug.export.shards import shards_beside, write_shards
from aeaug.faults import Fault
from tests.terminal import content

KINDS = {
    "one.npy": write_npy,
    "one.npz": write_npz,
    "one": write_pngs,
    "one.png": write_grid,
    "one.tar": partial(write_shards, per_shard=7),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("error", [RuntimeError("no more"), KeyboardInterrupt()], ids=["error", "interrupt"])
def test_nothing_is_left_where_it_fails(tmp_path, failing, name, error):
    """Not the folders that were made for it either; those that were there stay."""
    (tmp_path / "there").mkdir()
    with pytest.raises(type(error)):
        KINDS[name](tmp_path / "there" / "a" / "b" / name, 25, failing(error))
    assert content(tmp_path) == {"there": None}


@pytest.mark.parametrize("name", KINDS)
def test_the_same_images_are_the_same_bytes(tmp_path, blocks, name):
    for folder, of in (("first", 10), ("second", 4)):
        KINDS[name](tmp_path / folder / name, 25, blocks(of=of)[0])
    first, second = (content(tmp_path / folder) for folder in ("first", "second"))
    assert first == second
    assert not [path for path in first if ".tmp" in path]
    assert len(first) >= 1


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("count", [24, 26])
def test_another_number_of_images_than_was_said_is_no_file(tmp_path, blocks, name, count):
    with pytest.raises(AssertionError):
        KINDS[name](tmp_path / name, count, blocks()[0])
    assert content(tmp_path) == {}


@pytest.mark.parametrize("name", KINDS)
def test_a_full_disk_is_said_of_the_name_that_was_asked_for(mounted, blocks, name):
    """Random bytes, which no file has fewer of."""
    (mounted / "filler").write_bytes(bytes(2**20 - 40_000))
    before = content(mounted)
    with pytest.raises(OSError, match="No space left") as caught:
        KINDS[name](mounted / name, 400, blocks(400)[0])
    assert re.fullmatch(rf"{mounted}/one(-\d{{6}})?(\.\w+)?", str(caught.value.filename))
    assert content(mounted) == before


def test_bytes_become_images_and_bytes_again():
    ramp = torch.arange(784).remainder(256).to(torch.uint8).reshape(1, 28, 28)
    assert to_bytes(to_float(ramp)).equal(ramp)
    assert to_bytes(torch.tensor([-1.01, 1.01]).repeat(392).reshape(1, 1, 28, 28)).unique().tolist() == [0, 255]


def test_what_is_there_is_refused(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    (tmp_path / "one-000007.tar").touch()
    for name in ("file", "link", "folder"):
        with pytest.raises(Fault, match=rf"^out=\S+/{name}: \S+/{name} is there already, and nothing is overwritten"):
            require_free(tmp_path / name)
    tar = tmp_path / "one.tar"
    with pytest.raises(Fault, match=r"^out=\S+/one.tar: \S+/one-000007.tar is there already"):
        require_free(tar, shards_beside(tar))
    require_free(tmp_path / "on.tar", shards_beside(tmp_path / "on.tar"))
    with pytest.raises(Fault, match=r"^out=\S+/file/x/y: \S+/file is no folder$"):
        require_free(tmp_path / "file" / "x" / "y")
    for length in (240, 300):
        with pytest.raises(Fault, match=rf"^out=a{{{length}}}: File name too long$"):
            require_free(Path("a" * length))


def test_who_was_quicker_keeps_the_name(tmp_path, blocks):
    parts, _ = blocks()

    def slowly(taken):
        yield from parts
        taken.mkdir()
        (taken / "theirs").touch()

    with pytest.raises(Fault, match="is there already"):
        write_pngs(tmp_path / "one", 25, slowly(tmp_path / "one"))
    with pytest.raises(Fault, match="is there already"):
        write_shards(tmp_path / "two.tar", 25, slowly(tmp_path / "two-000001.tar"), 10)
    assert sorted(content(tmp_path)) == ["one", "one/theirs", "two-000001.tar", "two-000001.tar/theirs"]


@pytest.mark.parametrize("name", ["one.npy", "one.npz", "one.png"])
def test_who_was_quicker_keeps_the_file(tmp_path, blocks, name):
    """Of two commands that make one, which may take minutes each."""
    parts, _ = blocks()

    def slowly():
        yield from parts
        (tmp_path / name).write_bytes(b"theirs")

    with pytest.raises(Fault, match="is there already"):
        KINDS[name](tmp_path / name, 25, slowly())
    assert content(tmp_path) == {name: b"theirs"}


def test_a_folder_that_somebody_else_uses_stays(tmp_path):
    place = tmp_path / "a" / "b" / "c"

    def fail():
        with made_above(place):
            (tmp_path / "a" / "theirs").touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert sorted(content(tmp_path)) == ["a", "a/theirs"]
    with appearing_folder(place) as folder:
        (folder / "mine").write_bytes(np.arange(3, dtype=np.uint8).tobytes())
    assert content(place) == {"mine": b"\x00\x01\x02"}
