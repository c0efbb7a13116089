import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from aeaug.data.image_files import open_images

ALL, SHAPE = torch.arange(12), (1, 28, 28)


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)


def save(folder, name, image):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


@pytest.mark.parametrize("shape", [(12, 28, 28), (12, 1, 28, 28), (12, 28, 28, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float64])
def test_every_shape_of_an_array_is_read_as_it_is(pixels, tmp_path, shape, dtype):
    np.save(tmp_path / "images.npy", pixels.reshape(shape).astype(dtype))
    images = open_images(tmp_path / "images.npy", SHAPE)
    assert len(images) == 12
    assert images.read(ALL).dtype == dtype
    assert np.array_equal(images.read(ALL), pixels)
    assert np.array_equal(images.read(torch.tensor([7, 3])), pixels[[7, 3]])


COLOUR = (3, 20, 28)


@pytest.mark.parametrize("given", [COLOUR, None])
def test_arrays_in_colour_have_channels_first_or_last(tmp_path, given):
    images = np.random.default_rng(0).integers(0, 256, (12, *COLOUR), dtype=np.uint8)
    for array in (images, np.moveaxis(images, 1, 3)):
        np.save(tmp_path / "images.npy", array)
        found = open_images(tmp_path / "images.npy", given)
        assert found.shape == COLOUR
        assert np.array_equal(found.read(torch.tensor([7, 3])), images[[7, 3]])


@pytest.mark.parametrize("given", [COLOUR, None])
def test_a_folder_in_colour_has_every_channel_and_grey_files_thrice(tmp_path, given):
    image = np.random.default_rng(0).integers(0, 256, COLOUR, dtype=np.uint8)
    save(tmp_path, "a.png", Image.fromarray(np.ascontiguousarray(np.moveaxis(image, 0, 2))))
    save(tmp_path, "b.png", Image.fromarray(image[0]))
    found = open_images(tmp_path, given)
    assert found.shape == COLOUR
    both = found.read(torch.tensor([0, 1]))
    assert np.array_equal(both[0], image)
    assert np.array_equal(both[1], np.stack([image[0]] * 3))


def test_of_images_of_any_size_the_first_says_which(pixels, tmp_path):
    save(tmp_path, "a.png", Image.new("L", (24, 20)))
    save(tmp_path, "b.png", Image.fromarray(pixels[0]))
    with pytest.raises(
        ValueError, match=r"b\.png: 28 by 28 pixels, expected 24 by 20; nothing is resized here; data=folder"
    ):
        open_images(tmp_path, None).read(torch.tensor([0, 1]))
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"^images=.*: a\.png: cannot identify image file"):
        open_images(tmp_path, None)


@pytest.mark.parametrize("shape", [(5, 784), (5,), (5, 2, 28, 28), (5, 28, 28, 4), (1, 5, 3, 28, 28)])
def test_an_array_of_no_images_at_all_is_refused(tmp_path, shape):
    np.save(tmp_path / "images.npy", np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match=r"shape \(.*\), expected \(N, H, W\), .*\(N, 3, H, W\) or \(N, H, W, 3\)$"):
        open_images(tmp_path / "images.npy", None)


def test_an_array_in_columns_first_order_is_the_same_images(pixels, tmp_path):
    np.save(tmp_path / "images.npy", np.asfortranarray(pixels))
    assert np.array_equal(open_images(tmp_path / "images.npy", SHAPE).read(ALL), pixels)


def test_a_folder_is_read_in_the_order_of_its_paths_subfolders_included(pixels, tmp_path):
    names = [f"{'ab'[i % 2]}/{i:02d}.{'png' if i % 3 else 'bmp'}" for i in range(12)]
    for name, one in zip(names, pixels, strict=True):
        save(tmp_path, name, Image.fromarray(one))
    images = open_images(tmp_path, SHAPE)
    order = sorted(range(12), key=lambda i: names[i])
    assert np.array_equal(images.read(ALL), pixels[order])
    assert np.array_equal(images.read(torch.tensor([11, 0])), pixels[order][[11, 0]])
    assert images.remark is None


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_grey_in_another_guise_is_grey(pixels, tmp_path, mode):
    save(tmp_path, "one.png", Image.fromarray(pixels[0]).convert(mode))
    assert np.array_equal(open_images(tmp_path, SHAPE).read(torch.tensor([0]))[0], pixels[0])


def test_black_and_white_is_0_and_255(pixels, tmp_path):
    save(tmp_path, "one.png", Image.fromarray(pixels[0] > 127))
    assert np.array_equal(open_images(tmp_path, SHAPE).read(torch.tensor([0]))[0], 255 * (pixels[0] > 127))


def test_jpeg_is_read_with_a_warning(tmp_path):
    ramp = np.linspace(0, 255, 28 * 28).reshape(28, 28).astype(np.uint8)
    save(tmp_path, "one.jpg", Image.fromarray(ramp))
    images = open_images(tmp_path, SHAPE)
    assert np.abs(images.read(torch.tensor([0]))[0].astype(int) - ramp).max() < 8
    assert "JPEG" in images.remark


def test_what_is_no_image_is_left_out_and_counted(pixels, tmp_path):
    save(tmp_path, "one.png", Image.fromarray(pixels[0]))
    (tmp_path / "readme.txt").write_text("")
    (tmp_path / ".hidden.png").write_text("")
    images = open_images(tmp_path, SHAPE)
    assert len(images) == 1
    assert "1 files that are no images were left out, readme.txt" in images.remark


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: None, "no such file or folder"),
        (lambda path: path.mkdir(), "no image files"),
        (lambda path: (path.mkdir(), np.save(path / "all.npy", np.zeros(3))), "it holds all.npy"),
        (lambda path: path.write_text("text"), r"expected a folder of image files, a \.npy file"),
    ],
)
def test_what_holds_no_images_is_refused(tmp_path, write, message):
    path = tmp_path / "images"
    write(path)
    with pytest.raises(ValueError, match=f"^images={path}: .*{message}"):
        open_images(path, SHAPE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.zeros((5, 784)), r"shape \(5, 784\), expected \(N, 28, 28\)"),
        (np.zeros((28, 28)), r"shape \(28, 28\)"),
        (np.zeros(()), r"shape \(\)"),
        (np.zeros((5, 3, 28, 28)), r"shape \(5, 3, 28, 28\)"),
        (np.array([{}, 1], dtype=object), "not readable as .npy"),
    ],
)
def test_an_array_that_is_no_images_is_refused(tmp_path, content, message):
    path = tmp_path / "images.npy"
    np.save(path, content)
    with pytest.raises(ValueError, match=message):
        open_images(path, SHAPE)


@pytest.mark.parametrize("damage", [lambda content: b"", lambda content: b"text", lambda content: content[:-1]])
def test_a_damaged_array_is_refused(pixels, tmp_path, damage):
    path = tmp_path / "images.npy"
    np.save(path, pixels)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"not readable as \.npy") as caught:
        open_images(path, SHAPE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(12, 28, 28), (12, 1, 28, 28), (12, 28, 28, 1)])
@pytest.mark.parametrize("given", [SHAPE, None])
def test_an_archive_holds_an_array_of_any_shape(pixels, tmp_path, shape, given):
    np.savez(tmp_path / "images.npz", images=pixels.reshape(shape), labels=np.arange(12))
    found = open_images(tmp_path / "images.npz", given)
    assert found.shape == SHAPE
    assert found.remark is None
    assert np.array_equal(found.read(torch.tensor([7, 3])), pixels[[7, 3]])


def test_of_an_archive_that_says_which_are_synthetic_those_are_read(pixels, tmp_path):
    made = np.arange(12) % 3 == 0
    np.savez(tmp_path / "images.npz", images=pixels, synthetic=made)
    found = open_images(tmp_path / "images.npz", SHAPE)
    assert len(found) == 4
    assert np.array_equal(found.read(torch.arange(4)), pixels[::3])
    assert found.remark.startswith("8 images were left out")
    real = open_images(tmp_path / "images.npz", SHAPE, real=True)
    assert np.array_equal(real.read(torch.arange(8)), pixels[~made])
    assert real.remark == "4 images were left out, which are synthetic by the array of that name"
    np.savez(tmp_path / "images.npz", images=pixels, synthetic=np.ones(12, bool))
    assert open_images(tmp_path / "images.npz", SHAPE).remark is None


def test_of_a_folder_whose_names_say_which_are_synthetic_those_are_read(pixels, tmp_path):
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / f"{'real' if number % 3 else 'synthetic'}_{number:06}.png")
    (tmp_path / "notes.txt").touch()
    found, real = open_images(tmp_path, SHAPE), open_images(tmp_path, SHAPE, real=True)
    assert np.array_equal(found.read(torch.arange(len(found))), pixels[::3])
    assert np.array_equal(real.read(torch.arange(len(real))), pixels[np.arange(12) % 3 > 0])
    assert found.remark.startswith("8 images were left out, which are not synthetic by their names; 1 files")
    assert real.remark.startswith("4 images were left out, which are synthetic by their names; 1 files")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros(3)}, "no array images, but x: "),
        ({"images": np.zeros((5, 784))}, r"images of shape \(5, 784\), expected \(N, 28, 28\)"),
        ({"images": np.zeros((5, 3, 28, 28))}, r"images of shape \(5, 3, 28, 28\)"),
        ({"images": np.array([{}, 1], dtype=object)}, r"not readable as \.npz"),
        ({"images": np.zeros((5, 28, 28)), "synthetic": np.zeros(5)}, r"synthetic of shape \(5,\) and type float64"),
        ({"images": np.zeros((5, 28, 28)), "synthetic": np.zeros(4, bool)}, r"synthetic of shape \(4,\)"),
    ],
)
def test_an_archive_of_no_such_images_is_refused(tmp_path, arrays, message):
    path = tmp_path / "images.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=f"^images={path}: .*{message}") as caught:
        open_images(path, SHAPE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "damage", [lambda content: b"", lambda content: b"text", lambda content: content[:-30], lambda content: b"PK"]
)
def test_a_damaged_archive_is_refused(pixels, tmp_path, damage):
    path = tmp_path / "images.npz"
    np.savez(path, images=pixels)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"not readable as \.npz") as caught:
        open_images(path, SHAPE)
    assert "\n" not in str(caught.value)
    assert "pickle" not in str(caught.value), "nobody is told to run what is in it"


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (Image.new("L", (32, 28)), "32 by 28 pixels, expected 28 by 28"),
        (Image.new("RGB", (28, 28), (9, 9, 8)), "a colour image"),
        (Image.new("RGBA", (28, 28), (9, 9, 9, 254)), "a transparent image"),
        (Image.fromarray(np.zeros((28, 28), np.uint16)), "16 bits a channel"),
    ],
)
def test_a_file_that_is_no_such_image_is_named(pixels, tmp_path, image, message):
    save(tmp_path, "a.png", Image.fromarray(pixels[0]))
    save(tmp_path, "sub/b.png", image)
    images = open_images(tmp_path, SHAPE)
    assert np.array_equal(images.read(torch.tensor([0]))[0], pixels[0])
    with pytest.raises(ValueError, match=f"^images={tmp_path}: sub/b.png: .*{message}"):
        images.read(torch.tensor([0, 1]))


@pytest.mark.parametrize("length", [0, 20, 100])
def test_a_damaged_file_is_named(pixels, tmp_path, length):
    path = save(tmp_path, "a.png", Image.fromarray(pixels[0]))
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match=r": a\.png: ") as caught:
        open_images(tmp_path, SHAPE).read(torch.tensor([0]))
    assert "\n" not in str(caught.value)


# --- hostile files


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, *more):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", zlib.compress(bytes(29 * 28)))


def animated(path):
    frames = [Image.new("L", (28, 28), shade) for shade in (0, 100, 200)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def deep(path):
    """In colour, of 16 bits: Pillow writes none, and reads it as one of 8."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 28, 28, 16, 2, 0, 0, 0))
    rows = zlib.compress(bytes((1 + 28 * 6) * 28))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


HOSTILE = {
    "of 16 bits": (deep, "16 bits a channel, and 8 are read"),
    "huge": (lambda path: path.write_bytes(png(200_000, 200_000)), "pixels, expected 28 by 28"),
    "large": (lambda path: path.write_bytes(png(10_000, 10_000)), "10000 by 10000 pixels, expected 28 by 28"),
    "a text that unpacks to much": (
        lambda path: path.write_bytes(png(28, 28, chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(10**8))))),
        "one.png: ",
    ),
    "empty": (lambda path: path.write_bytes(b""), "cannot identify image file"),
    "truncated": (lambda path: path.write_bytes(png(28, 28)[:-20]), "one.png: "),
    "cut in its header": (lambda path: path.write_bytes(png(28, 28)[:20]), "one.png: "),
    "animated": (animated, "3 images in one file, expected one"),
    "text": (lambda path: path.write_text("no image"), "cannot identify image file"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_image_is_named_in_one_line_without_a_warning(tmp_path, kind, capfd):
    make, words = HOSTILE[kind]
    make(tmp_path / "one.png")
    images = open_images(tmp_path, SHAPE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=words) as caught:
            images.read(torch.tensor([0]))
    assert str(caught.value).startswith(f"images={tmp_path}: one.png: ")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_tiff_of_several_pages_is_refused(tmp_path):
    animated(tmp_path / "pages.tiff")
    with pytest.raises(ValueError, match=r"pages\.tiff: 3 images in one file"):
        open_images(tmp_path, SHAPE).read(torch.tensor([0]))


@pytest.mark.parametrize("kind", ["pipe", "circle", "nowhere", "device"])
def test_what_has_an_images_name_and_is_none_is_refused_and_not_waited_for(tmp_path, kind):
    Image.new("L", (28, 28)).save(tmp_path / "a.png")
    strange = tmp_path / "b.png"
    if kind == "pipe":
        os.mkfifo(strange)
    else:
        strange.symlink_to({"circle": strange, "nowhere": tmp_path / "c", "device": Path("/dev/zero")}[kind])
    with pytest.raises(ValueError, match=r"b\.png: no file that can be read") as caught:
        open_images(tmp_path, SHAPE)
    assert "\n" not in str(caught.value)


def test_folders_that_lead_in_a_circle_end(tmp_path):
    Image.new("L", (28, 28)).save(tmp_path / "a.png")
    (tmp_path / "below").symlink_to(tmp_path)
    assert len(open_images(tmp_path, SHAPE)) == 1


def test_paths_that_are_none(tmp_path):
    os.mkfifo(tmp_path / "pipe.npy")
    (tmp_path / "circle.npy").symlink_to(tmp_path / "circle.npy")
    for name in ("pipe.npy", "circle.npy", "x" * 300, "\0"):
        with pytest.raises(ValueError, match=r"^images=") as caught:
            open_images(tmp_path / name, SHAPE)
        assert "\n" not in str(caught.value)


def npy(header):
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000, 28, 28), }"),
        npy("{'descr': '|u1', 'fortran_order': False, 'shape': (10000000000000000000000000, 28, 28), }"),
        npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 28, 28), }"),
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (3, 28, 28), }") + bytes(100),
        npy("{'descr': 'nonsense', 'fortran_order': False, 'shape': (3, 28, 28), }"),
        npy("__import__('os').mkdir('executed')"),
        npy("(" * 100),
        b"PK\x03\x04",
    ],
)
def test_a_hostile_array_is_named_in_one_line(tmp_path, content, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(ValueError, match=r"^images=.*a\.npy: not readable as \.npy \(.*\): save it again") as caught:
        open_images(tmp_path / "a.npy", SHAPE)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "executed").exists()


def test_several_arrays_in_one_file_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", np.zeros((3, 28, 28)))
    (tmp_path / "a.npz").rename(tmp_path / "a.npy")
    with pytest.raises(ValueError, match="not one array"):
        open_images(tmp_path / "a.npy", SHAPE)
