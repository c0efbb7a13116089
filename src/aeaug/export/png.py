"""PNG files: an image each in a folder, or all in one grid."""

import io
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from aeaug.data.augmented_names import REAL, SYNTHETIC
from aeaug.export.block import Array, Block, require_count
from aeaug.export.place import appearing_folder, made_above, require_free
from aeaug.writing import naming, write_whole

__all__ = ["LARGEST_GRID", "png_of", "write_grid", "write_pngs"]

LARGEST_GRID = 10_000  # images
LINE, GREY = 1, 128  # between images: pixels, and their value


def png_of(image: Array) -> bytes:
    """The file of a picture ``(H, W)`` or ``(3, H, W)`` uint8."""
    written = io.BytesIO()
    Image.fromarray(image if image.ndim == 2 else np.ascontiguousarray(image.transpose(1, 2, 0))).save(written, "PNG")
    return written.getvalue()


def write_pngs(path: Path, count: int, blocks: Iterable[Block]) -> None:
    """Write a folder of files, numbered from 0: with the fact ``label`` in a subfolder a class, as torchvision's
    ``ImageFolder`` reads them (``none`` for a label below 0), with ``synthetic`` named by that.

    ``count`` ≥ 1, as many as the blocks have together. Raises :class:`aeaug.faults.Fault` where something of that name
    is there in the end, and ``OSError`` where nothing can be written; then nothing is left.
    """
    digits = max(6, len(str(count - 1)))
    with appearing_folder(path) as folder:
        for number, image, facts in numbered(require_count(blocks, count)):
            kind = (SYNTHETIC if facts["synthetic"] else REAL) if "synthetic" in facts else ""
            below = folder
            if "label" in facts:
                below = folder / (str(facts["label"]) if facts["label"] >= 0 else "none")
            file = below / f"{kind}{number:0{digits}}.png"
            with naming(path, below, file):  # nobody has seen the folder that they lie in until then
                below.mkdir(exist_ok=True)
                file.write_bytes(png_of(image))


def write_grid(path: Path, count: int, blocks: Iterable[Block]) -> None:
    """Write one picture, as many columns as rows or one more, grey lines between images; ``count``, 1 to
    10,000, is as many as the blocks have together. Raises as :func:`write_pngs` does."""
    columns = math.isqrt(count - 1) + 1
    rows, picture = -(-count // columns), np.empty(0, np.uint8)
    for number, image, _ in numbered(require_count(blocks, count)):
        *channels, height, width = image.shape
        down, across = height + LINE, width + LINE
        if not number:
            picture = np.full((*channels, rows * down + LINE, columns * across + LINE), GREY, np.uint8)
        top, left = LINE + number // columns * down, LINE + number % columns * across
        picture[..., top : top + height, left : left + width] = image
    with made_above(path):
        require_free(path)  # somebody may have been quicker
        write_whole(path, png_of(picture))


def numbered(blocks: Iterable[Block]) -> Iterator[tuple[int, Array, dict[str, int | bool]]]:
    """Every image with its number and its own facts."""
    number = 0
    for block in blocks:
        for place, image in enumerate(block.images):
            yield number, image, {name: values[place].item() for name, values in block.facts.items()}
            number += 1
