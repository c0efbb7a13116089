"""One PNG or JPEG file to one square of pixels: as viewers show it, the shorter side scaled, the middle cut out.

Scaling is Pillow's bicubic filter over all pixels that fall into one, and the sizes are those of torchvision's
``Resize`` and ``CenterCrop``. What would not be the picture that its maker saw is refused: more than 8 bits a channel,
which Pillow cuts off without a word, several frames, transparency before an unknown ground, colours for print, and a
side below the size that is wanted, for nothing is enlarged.
"""

import io
from typing import Any, Literal, get_args

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from aeaug.data.bits import require_8_bits

__all__ = ["LUMA", "SIZES", "Size", "decoded", "to_grey"]

Array = np.ndarray[Any, Any]
Size = Literal[28, 32, 64]

SIZES: tuple[Size, ...] = get_args(Size)
"""Of a side, in pixels."""
GREY, COLOUR = ("1", "L", "LA"), ("P", "PA", "RGB", "RGBA")  # Pillow's names
LUMA = (19_595, 38_470, 7_471)
"""Shares of red, green and blue in grey, of 65,536."""
LARGEST = 110_000_000  # pixels, of which several files' are in memory at once


def decoded(content: bytes, size: int) -> Array:
    """The image in the ``content`` of a PNG or JPEG file, scaled to a ``size`` in pixels: ``(size, size)`` uint8 of a
    grey one, ``(size, size, 3)`` of one in colour; grey values that are stored as colours are colours.

    Raises ``ValueError`` with what is wrong with the file in a few words, and whatever Pillow raises over a broken one.
    """
    require_8_bits(content)
    try:
        opened = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
    except UnidentifiedImageError:
        raise ValueError("broken, or no PNG or JPEG file") from None
    except Image.DecompressionBombError:
        raise ValueError("hundreds of millions of pixels, more than any photograph") from None
    with opened as image:
        # The second picture in a camera's JPEG is a preview.
        if image.format == "PNG" and (frames := getattr(image, "n_frames", 1)) != 1:
            raise ValueError(f"animated, {frames} images in one file")
        width, height = image.size
        if width * height > LARGEST:
            raise ValueError(f"{width} by {height} pixels, more than any photograph")
        if min(width, height) < size:
            fits = [side for side in SIZES if side <= min(width, height)]
            way = f"; data.size={max(fits)} takes it" if fits else ", and nothing is enlarged"
            raise ValueError(f"{width} by {height} pixels, smaller than data.size={size}{way}")
        image.load()
        upright = ImageOps.exif_transpose(image)
    if upright.mode not in GREY + COLOUR:
        raise ValueError(f"pixels of Pillow's mode {upright.mode}, neither grey nor RGB")
    if "A" in upright.getbands() or "transparency" in upright.info:
        opaque = upright.convert("RGBA").getchannel("A").getextrema()[0] == 255
        if not opaque:
            raise ValueError("transparent, and what is behind it is not known")
    return np.asarray(_square(upright.convert("L" if upright.mode in GREY else "RGB"), size))


def to_grey(images: Array) -> Array:
    """Mix ``images: (N, 3, H, W)`` uint8 to ``(N, H, W)``: Rec. 601 luma, with Pillow's rounding."""
    mixed = np.zeros((len(images), *images.shape[2:]), np.uint32)
    for channel, weight in enumerate(LUMA):
        mixed += images[:, channel] * np.uint32(weight)
    return ((mixed + 0x8000) >> 16).astype(np.uint8)


def _square(image: Image.Image, size: int) -> Image.Image:
    width, height = image.size
    shorter = min(width, height)
    scaled = (int(size * width / shorter), int(size * height / shorter))
    if scaled != image.size:
        image = image.resize(scaled, Image.Resampling.BICUBIC)
    left, top = (round((side - size) / 2) for side in scaled)
    return image.crop((left, top, left + size, top + size))
