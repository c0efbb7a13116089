import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets import ImageFolder

from aeaug.data.image_files import open_images
from aeaug.data.sets.mnist import MNIST
from aeaug.export.block import Block
from aeaug.export.png import write_grid, write_pngs


def test_torchvision_reads_the_classes(tmp_path, blocks):
    parts, whole = blocks()
    write_pngs(tmp_path / "one", 25, parts)
    folder = ImageFolder(str(tmp_path / "one"))
    assert folder.classes == sorted(map(str, range(10)))
    assert len(folder) == 25
    for path, label in folder.samples:
        kind, number = path.rpartition("/")[2].removesuffix(".png").split("_")
        assert whole.facts["label"][int(number)] == int(folder.classes[label])
        assert whole.facts["synthetic"][int(number)] == (kind == "synthetic")
        assert np.array_equal(np.asarray(Image.open(path)), whole.images[int(number)])


def test_without_facts_they_are_numbered_and_can_be_measured(tmp_path, blocks):
    parts, whole = blocks()
    write_pngs(tmp_path / "one", 25, [Block(part.images) for part in parts])
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == [f"{number:06}.png" for number in range(25)]
    files = open_images(tmp_path / "one", MNIST.shape)
    assert np.array_equal(files.read(torch.arange(len(files))), whole.images)


def test_an_image_of_no_class_lies_in_none(tmp_path, blocks):
    parts, _ = blocks(label=np.full(25, -1))
    write_pngs(tmp_path / "one", 25, parts)
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["none"]


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (12, 4)])
def test_a_grid_has_every_image_once_row_by_row(tmp_path, blocks, count, columns):
    parts, whole = blocks(count, of=2)
    write_grid(tmp_path / "one.png", count, parts)
    picture = np.asarray(Image.open(tmp_path / "one.png"))
    rows = -(-count // columns)
    assert picture.shape == (rows * 29 + 1, columns * 29 + 1)
    for number in range(count):
        row, column = divmod(number, columns)
        assert np.array_equal(picture[row * 29 + 1 :, column * 29 + 1 :][:28, :28], whole.images[number])
    assert (picture[::29] == 128).all()
    assert (picture[:, ::29] == 128).all()
