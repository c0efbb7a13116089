import os
import shutil

import pytest
from torchvision.datasets import ImageFolder

from aeaug.data.folder.scan import scan
from aeaug.faults import Fault
from tests.data.by_content.drawing import draw


def names(found):
    return [file.name for file in found.files]


def touch(root, *files):
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(b"")


def test_classes_and_files_are_those_of_torchvision(tmp_path):
    root = draw(tmp_path / "images", 6, classes=True)
    (root / "bars" / "0_0000.png").rename(root / "bars" / "ROTATED.PNG")
    touch(root, "bars/deep/er/x.jpg", "discs/y.JPEG", "10/z.png", "9/z.png")
    theirs = ImageFolder(str(root))
    found = scan(root, None)
    assert found.classes == "folders"
    assert list(dict.fromkeys(file.label for file in found.files)) == theirs.classes
    expected = {(os.path.relpath(path, root), theirs.classes[label]) for path, label in theirs.samples}
    assert {(file.name, file.label) for file in found.files} == expected
    assert len(found.files) == len(expected)


def test_flat_folders_have_no_classes_and_none_takes_all_depths(tmp_path):
    touch(tmp_path, "b.png", "a.jpg", "notes.txt", ".hidden.png", "__MACOSX.png/.x")
    found = scan(tmp_path, None)
    assert (found.classes, names(found), found.left_out) == ("none", ["a.jpg", "b.png"], ["notes.txt"])
    assert scan(draw(tmp_path / "in" / "all", 1).parent, None).classes == "none", "one folder is no class"
    shutil.rmtree(tmp_path / "in")
    touch(tmp_path, "deep/er/c.png", ".git/d.png")
    assert names(scan(tmp_path, "none")) == ["a.jpg", "b.png", "deep/er/c.png"]
    assert {file.label for file in scan(tmp_path, "none").files} == {""}


def test_links_are_followed_and_circles_end(tmp_path):
    root = tmp_path / "root"
    touch(tmp_path, "elsewhere/a.png")
    touch(root, "one/b.png")
    (root / "two").symlink_to(tmp_path / "elsewhere")
    (root / "one" / "again").symlink_to(root / "one")
    (root / "one" / "c.png").symlink_to(tmp_path / "elsewhere" / "a.png")
    assert names(scan(root, "folders")) == ["one/b.png", "one/c.png", "two/a.png"]


@pytest.mark.parametrize(
    ("files", "classes", "line"),
    [
        (["notes.txt"], None, "no PNG or JPEG file in this folder; it holds notes.txt"),
        ([], None, "no PNG or JPEG file in this folder"),
        (["a.png", "cats/b.png"], None, "1 images lie beside folders with images, such as cats: say data.classes="),
        (["a.png"], "folders", "data.classes=folders: the images in .* lie in no folders; data.classes=none"),
        (["all/a.png"], "folders", "data.classes=folders: the only folder with images in .* is all; data.classes=none"),
        (["cats/a.png", "dogs/notes.txt"], "folders", "data.classes=folders: dogs in .* has no PNG or JPEG file"),
        (["ca\nts/a.png", "dogs/b.png"], "folders", r"data.classes=folders: a folder called ca\\nts: rename it"),
    ],
)
def test_what_is_no_set_of_images_is_said_in_one_line(files, classes, line, tmp_path):
    (tmp_path / "root").mkdir()
    touch(tmp_path / "root", *files)
    with pytest.raises(Fault, match=line) as caught:
        scan(tmp_path / "root", classes)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_is_said_in_one_line(tmp_path):
    touch(tmp_path, "file.png")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(Fault, match=r"pipe\.png: neither a file nor a link to one"):
        scan(tmp_path, None)
    (tmp_path / "pipe.png").unlink()
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Fault, match=r"gone\.png: a link to no file"):
        scan(tmp_path, None)
    with pytest.raises(Fault, match=r"data\.root=.*nowhere: no such folder"):
        scan(tmp_path / "nowhere", None)
    with pytest.raises(Fault, match=r"data\.root=.*file\.png: not a folder"):
        scan(tmp_path / "file.png", None)
