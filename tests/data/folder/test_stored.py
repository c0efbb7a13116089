import io
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aeaug.data.by_content import building, index, stored
from aeaug.data.by_content.describing import describe
from aeaug.data.folder.folder import Folder
from aeaug.faults import Fault
from tests.data.by_content.drawing import draw


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """Read only."""
    return draw(tmp_path_factory.mktemp("flat"), 200, side=36)


@pytest.fixture(autouse=True)
def another_process(monkeypatch):
    """Which has seen nothing yet."""
    monkeypatch.setattr(stored, "_seen", {})


def described(root, cache, size=32, channels=None, classes=None, skip=False):
    return describe(Folder(root, classes), size, channels, cache, skip=skip)[0]


def store_images(root, size, channels, classes, cache):
    return stored.store_images(Folder(root, classes), size, channels, cache)


def pixels_of(root, cache, **options):
    """Every image by its file's name."""
    found = store_images(root, *(options.get(key) for key in ("size", "channels", "classes")), cache)
    return dict(zip(found.names, found.images(), strict=True))


def test_a_disk_that_cannot_be_read_says_nothing_of_an_image(flat, tmp_path, monkeypatch):
    """The same command goes on when it can, with all images."""
    read = Path.read_bytes
    name = sorted(file.name for file in flat.iterdir())[7]

    def broken(path):
        if path.name == name and index_is_there():
            raise OSError(5, "Input/output error", str(path))
        return read(path)

    def index_is_there():  # what looks through the folder has read them all by then
        return any(tmp_path.rglob("*.json"))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", broken)
        with pytest.raises(Fault, match=rf"^data\.root=\S*: {re.escape(name)}: .*nput/output error; the same command"):
            store_images(flat, 32, None, None, tmp_path)
    assert len(pixels_of(flat, tmp_path, size=32)) == 200


def test_images_are_those_of_the_files(flat, tmp_path):
    found = pixels_of(flat, tmp_path, size=36 - 8)
    assert len(found) == 200
    for name, image in list(found.items())[:5]:
        reference = Image.open(flat / name).resize((28, 28), Image.Resampling.BICUBIC)
        assert np.array_equal(image.permute(1, 2, 0), np.asarray(reference))


def test_the_second_time_no_file_is_read_or_decoded(flat, tmp_path, monkeypatch):
    before = store_images(flat, 32, None, None, tmp_path)

    def fail(*args):
        raise AssertionError("read again")

    monkeypatch.setattr(building, "decoded", fail)
    monkeypatch.setattr(Path, "read_bytes", fail)
    monkeypatch.setattr(stored, "_seen", {})
    after = store_images(flat, 32, None, None, tmp_path)
    assert after == before
    assert after.images().equal(before.images())
    with pytest.raises(AssertionError, match="read again"):
        store_images(flat, 32, None, None, tmp_path / "elsewhere")


def test_within_a_plan_a_source_is_looked_through_once_and_afterwards_again(flat, tmp_path, monkeypatch):
    healthy, listed = Folder.listing, []

    def counted(folder):
        listed.append(folder.root)
        return healthy(folder)

    monkeypatch.setattr(Folder, "listing", counted)
    root = shutil.copytree(flat, tmp_path / "root")
    one, other = (lambda: store_images(root, 32, None, None, tmp_path)), tmp_path / "other"
    before = one()
    with stored.looked_through_once():
        draw(root, 1, side=36, seed=2)
        with stored.looked_through_once():
            after = one()
        assert after.content != before.content  # what was seen before does not count
        draw(root, 2, side=36, seed=3)
        assert one() is after
        assert len(listed) == 2
        store_images(root, 32, None, None, other)
        assert len(listed) == 3
        assert one() is after
    assert len(one().names) > len(after.names)
    assert len(listed) == 4


def test_names_and_order_do_not_matter_and_content_does(flat, tmp_path):
    root = tmp_path / "renamed"
    root.mkdir()
    for number, path in enumerate(sorted(flat.iterdir(), reverse=True)):
        shutil.copy(path, root / f"{number:04}.PNG")
    one, other = (described(place, tmp_path / "cache") for place in (flat, root))
    assert one.load(flat).sha256 == other.load(root).sha256
    before = store_images(root, 32, None, None, tmp_path / "cache").content
    changed = next(root.iterdir())
    times = changed.stat()
    Image.fromarray(255 - np.asarray(Image.open(changed))).save(changed)
    os.utime(changed, ns=(times.st_atime_ns, times.st_mtime_ns))  # as if it were the old one
    assert store_images(root, 32, None, None, tmp_path / "cache").content != before


def test_a_file_added_later_moves_no_other(flat, tmp_path):
    root = shutil.copytree(flat, tmp_path / "root")
    before = store_images(root, 32, None, None, tmp_path / "cache")
    draw(root, 30, side=36, seed=1)
    for classes_may_come in (False, True):
        if classes_may_come:
            (root / "deeper").mkdir()
            for path in sorted(root.glob("*.png"))[::2]:
                path.rename(root / "deeper" / path.name)
        after = store_images(root, 32, None, "none", tmp_path / "cache")
        place = {os.path.basename(name): part for name, part in zip(after.names, after.parts, strict=True)}  # noqa: PTH119
        assert len(place) == 230
        assert all(place[name] == part for name, part in zip(before.names, before.parts, strict=True))


def test_splits_share_no_image_and_hold_all(flat, tmp_path):
    data = described(flat, tmp_path)
    splits = data.load(flat)
    of = [splits.pool_images, splits.val_images, splits.test_images, splits.for_nets[0]]
    contents = [{image.numpy().tobytes() for image in part} for part in of]
    assert sum(map(len, contents)) == len(set.union(*contents)) == 200
    assert [len(part) for part in of[:3]] == [data.pool, data.validation, data.test]
    assert len(of[3]) > 0
    assert splits.unseen_images.equal(splits.pool_images)
    assert splits.pool_unseen == data.pool
    assert data.mean_intensity == pytest.approx(splits.pool_images.double().mean().item() / 255, abs=1e-3)


def test_classes_are_folders_in_order(tmp_path):
    root = draw(tmp_path / "root", 200, side=32, classes=True)
    data = described(root, tmp_path / "cache")
    assert data.class_names == ("bars", "discs")
    found = store_images(root, 32, None, None, tmp_path / "cache")
    assert all(
        data.class_names[label] == name.split("/")[0] for name, label in zip(found.names, found.labels, strict=True)
    )
    splits = data.load(root)
    for labels in (splits.pool_labels, splits.val_labels, splits.test_labels):
        assert labels.unique().tolist() == [0, 1]
    without = described(root, tmp_path / "cache", classes="none")
    assert without.classes == 0
    assert without.load(root).pool_images.equal(splits.pool_images)
    assert without.load(root).pool_labels.unique().tolist() == [0]


@pytest.mark.parametrize(("grey", "natural"), [(True, 1), (False, 3)])
def test_channels_are_found_or_made(grey, natural, tmp_path):
    root = draw(tmp_path / "root", 200, side=32, grey=grey)
    colour = described(root, tmp_path / "cache")
    assert colour.shape == (natural, 32, 32)
    cached = sorted((tmp_path / "cache" / "images").iterdir())
    for channels in (1, 3):
        data = described(root, tmp_path / "cache", channels=channels)
        splits = data.load(root)
        assert data.shape == (channels, 32, 32)
        assert splits.pool_images.shape[1:] == ((32, 32) if channels == 1 else (3, 32, 32))
        assert data.mean_intensity == pytest.approx(splits.pool_images.double().mean().item() / 255, abs=2e-3)
        if channels == 3 and grey:
            assert splits.pool_images[:, 0].equal(splits.pool_images[:, 2])
    assert sorted((tmp_path / "cache" / "images").iterdir()) == cached, "other channels are not decoded anew"


def test_grey_values_in_colour_files_are_grey(tmp_path):
    root = draw(tmp_path / "root", 200, side=32, grey=True)
    for path in root.iterdir():
        Image.open(path).convert("RGB").save(path)
    assert described(root, tmp_path / "cache").shape == (1, 32, 32)


def test_what_cannot_be_used_gets_a_line_each_and_can_be_skipped(flat, tmp_path, caplog):
    root = shutil.copytree(flat, tmp_path / "root")
    whole = next(root.iterdir()).read_bytes()
    (root / "broken.png").write_bytes(whole[: len(whole) // 2])
    (root / "tiny.jpg").write_bytes(b"")
    Image.new("RGB", (8, 8)).save(root / "tiny.png")
    Image.new("RGB", (32, 32)).save(root / "moving.png", save_all=True, append_images=[Image.new("L", (32, 32))])
    Image.new("I;16", (32, 32)).save(root / "deep.png")
    with pytest.raises(Fault) as caught:
        described(root, tmp_path / "cache")
    head, *lines = str(caught.value).splitlines()
    assert head.startswith(f"data.root={root}: 5 of 205 files cannot be used")
    assert "data.unusable=skip" in head
    reasons = {"broken.png": "", "tiny.jpg": "broken", "tiny.png": "8 by 8", "moving.png": "animated", "deep.png": "16"}
    assert len(lines) == len(reasons)
    for line in lines:
        name, reason = line.split(": ", 1)
        assert reasons.pop(name) in reason
    skipping = described(root, tmp_path / "cache", skip=True)
    assert "deep.png: 16 bits" in caplog.text
    whole_folder = described(flat, tmp_path / "cache")
    assert skipping.load(root).sha256 == whole_folder.load(flat).sha256


def test_copies_are_named(flat, tmp_path, caplog):
    root = shutil.copytree(flat, tmp_path / "root")
    before = store_images(root, 32, None, None, tmp_path / "cache")
    parts = dict(zip(before.names, before.parts, strict=True))
    tested = next(name for name, part in parts.items() if part == "test")
    shutil.copy(root / tested, root / "same.png")
    quality = 90
    while True:  # until its hash lies in the pool
        again = io.BytesIO()
        Image.open(root / tested).save(again, "JPEG", quality=quality)
        (root / "again.jpg").write_bytes(again.getvalue())
        found = store_images(root, 32, None, None, tmp_path / "cache")
        if dict(zip(found.names, found.parts, strict=True))["again.jpg"] == "pool":
            break
        quality -= 1
    assert found.copies == [(tested, "again.jpg", "near")]
    described(root, tmp_path / "cache")
    assert "1 file repeats another and counts once: same.png is" in caplog.text
    assert f"{tested} in the test set is nearly again.jpg in the training pool" in caplog.text


def test_few_images_are_refused_in_one_line(tmp_path):
    root = draw(tmp_path / "root", 40, side=32)
    with pytest.raises(Fault, match=r"40 images are too few: .* in the test set \(20 are the fewest\)") as caught:
        described(root, tmp_path / "cache")
    assert "\n" not in str(caught.value)


def test_a_class_without_training_images_is_refused_in_one_line(flat, tmp_path):
    root = tmp_path / "root"
    shutil.copytree(flat, root / "many")
    (root / "one").mkdir()
    found = store_images(flat, 32, None, None, tmp_path / "cache")
    tested = found.names[found.parts.index("test")]
    (root / "many" / tested).rename(root / "one" / tested)
    with pytest.raises(Fault, match="of the 1 images in one none is in the training pool") as caught:
        described(root, tmp_path / "cache")
    assert "\n" not in str(caught.value)


def test_a_folder_that_changes_after_it_was_described_is_not_loaded(flat, tmp_path):
    root = shutil.copytree(flat, tmp_path / "root")
    data = described(root, tmp_path / "cache")
    next(root.iterdir()).unlink()
    with pytest.raises(Fault, match="its images changed since the command began"):
        data.load(root)


@pytest.mark.parametrize("damage", ["not json", "{}", '{"a": 1}', "[1]", '{"0_0000.png": [[1, 2, 3], "x"]}'])
def test_a_damaged_index_is_made_anew(damage, flat, tmp_path, monkeypatch):
    before = store_images(flat, 32, None, None, tmp_path)
    (file,) = (tmp_path / "folders").glob("*.json")
    file.write_text(damage)
    monkeypatch.setattr(stored, "_seen", {})
    assert store_images(flat, 32, None, None, tmp_path) == before
    assert len(json.loads(file.read_text())) == 200


def test_damaged_pixels_are_said_in_one_line(flat, tmp_path, monkeypatch):
    found = store_images(flat, 32, None, None, tmp_path)
    with (found.path / "images.npy").open("r+b") as file:
        file.seek(5_000)
        file.write(b"\0" * 100)
    monkeypatch.setattr(stored, "_seen", {})
    with pytest.raises(Fault, match=r"is damaged \(checksum of images.npy\)"):
        store_images(flat, 32, None, None, tmp_path)


def test_a_file_far_too_large_is_not_read(flat, tmp_path):
    root = shutil.copytree(flat, tmp_path / "root")
    with (root / "huge.png").open("wb") as file:
        file.truncate(index.LARGEST + 1)  # without a byte on disk
    with pytest.raises(Fault, match=r"huge\.png: 256 MB, more than any photograph"):
        described(root, tmp_path / "cache")
