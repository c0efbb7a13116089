import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize

from aeaug.data.by_content.decoding import decoded, to_grey

RNG = np.random.default_rng(0)


def coloured(width, height):
    return Image.fromarray(RNG.integers(0, 256, (height, width, 3), dtype=np.uint8))


def saved(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("size", [28, 32, 64])
@pytest.mark.parametrize("sides", [(64, 64), (101, 77), (65, 200), (333, 64)])
def test_scaled_and_cut_as_torchvision_does(size, sides):
    image = coloured(*sides)
    reference = Compose([Resize(size, InterpolationMode.BICUBIC), CenterCrop(size)])(image)
    assert np.array_equal(decoded(saved(image), size), np.asarray(reference))


def test_an_image_of_the_size_comes_back_to_the_bit():
    for image in (coloured(32, 32), coloured(32, 32).convert("L")):
        assert np.array_equal(decoded(saved(image), 32), np.asarray(image))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_opaque_kind_of_png_is_read(mode):
    image = coloured(32, 32).convert(mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(255)
    found = decoded(saved(image), 32)
    assert found.shape == ((32, 32) if mode in ("1", "L", "LA") else (32, 32, 3))
    assert np.array_equal(found, np.asarray(image.convert("L" if found.ndim == 2 else "RGB")))


def test_photographs_stand_upright():
    upright = Image.fromarray(np.repeat(np.arange(48, dtype=np.uint8)[:, None] * 5, 48, axis=1))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    turned = saved(upright.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=100)
    assert np.abs(decoded(turned, 48).astype(int) - np.asarray(upright).astype(int)).max() <= 3


def test_grey_is_pillows():
    image = coloured(40, 40)
    assert np.array_equal(to_grey(np.asarray(image).transpose(2, 0, 1)[None])[0], np.asarray(image.convert("L")))
    grey = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16).repeat(3, 1)
    assert np.array_equal(to_grey(grey), grey[:, 0]), "grey stays what it is"


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_header(width, height, depth=8, colour=2):
    """The beginning of a file, which says how large the image is."""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png_of_16_bits(colour):
    """Written by hand: Pillow writes no colours of 16 bits."""
    rows = b"".join(b"\0" + bytes(32 * 2 * (3 if colour else 1)) for _ in range(32))
    return png_header(32, 32, 16, 2 if colour else 0) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def transparent():
    image = coloured(32, 32).convert("RGBA")
    image.putpixel((3, 4), (0, 0, 0, 254))
    return saved(image)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "broken, or no PNG or JPEG file"),
        (b"GIF89a, and no more", "broken, or no PNG or JPEG file"),
        (saved(coloured(32, 32), "GIF"), "broken, or no PNG or JPEG file"),
        (saved(coloured(31, 90)), r"31 by 90 pixels, smaller than data\.size=32; data\.size=28 takes it"),
        (saved(coloured(27, 90)), r"27 by 90 pixels, smaller than data\.size=32, and nothing is enlarged"),
        (png_header(20_000, 20_000) + chunk(b"IDAT", b""), "pixels, more than any photograph"),
        (png_header(11_000, 11_000) + chunk(b"IDAT", b""), "11000 by 11000 pixels, more than any photograph"),
        (png_of_16_bits(colour=False), "16 bits a channel"),
        (png_of_16_bits(colour=True), "16 bits a channel"),
        (saved(coloured(32, 32), save_all=True, append_images=[coloured(32, 32)] * 2), "animated, [23] images"),
        (transparent(), "transparent"),
        (saved(coloured(32, 32).quantize(8), transparency=3), "transparent"),
        (saved(coloured(32, 32).convert("CMYK"), "JPEG"), "mode CMYK"),
    ],
    ids=[
        "empty",
        "text",
        "gif",
        "small",
        "tiny",
        "vast",
        "large",
        "grey 16",
        "colour 16",
        "animated",
        "transparent",
        "palette",
        "print",
    ],
)
@pytest.mark.filterwarnings("ignore:Image size")  # which is silenced where files are read
def test_what_is_not_what_its_maker_saw_is_refused(content, line):
    with pytest.raises(ValueError, match=line) as caught:
        decoded(content, 32)
    assert "\n" not in str(caught.value)


def test_what_is_cut_short_is_broken():
    for whole in (saved(coloured(64, 64)), saved(coloured(64, 64), "JPEG")):
        with pytest.raises((OSError, ValueError, SyntaxError)):
            decoded(whole[: len(whole) // 2], 32)
