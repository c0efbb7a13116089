"""The images of a source decoded to one file of bytes: what the artifact that is kept of them holds.

Images stand in it in the order of their hashes, in colour where one image is. Beside them stands, by their hashes, what
cannot be used and why, and which are copies of others.
"""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import torch

from aeaug.artifacts import recipe_version
from aeaug.data.by_content.decoding import decoded
from aeaug.data.by_content.duplicates import copies
from aeaug.data.by_content.shares import part_of
from aeaug.data.by_content.source import Listing, Source
from aeaug.faults import Fault, in_few_words
from aeaug.options import shown
from aeaug.training.progress import progress_bar

__all__ = ["IMAGES", "TABLE", "VERSION", "build"]

IMAGES, TABLE = "images.npy", "images.json"
AT_ONCE = 512  # files in memory
WORKERS = min(8, os.cpu_count() or 1)  # Pillow decodes outside Python's lock

_HERE = Path(__file__).parent
VERSION = {
    **recipe_version(*(_HERE / name for name in ("building.py", "decoding.py", "duplicates.py", "shares.py"))),
    "pillow": version("pillow").split(".")[0],
}

Array = np.ndarray[Any, Any]


def build(folder: Path, source: Source, listing: Listing, first: Mapping[str, int], size: int) -> None:
    """Write into ``folder`` what ``source`` lists, scaled to a ``size`` in pixels; ``first``: by their SHA-256, where
    in the listing images stand.

    ``images.npy``: ``(N, H, W)`` uint8, in colour ``(N, 3, H, W)``; ``images.json``: ``sha256`` of each of these;
    ``unusable``: of the others, each with the reason; ``copies``: pairs, and of which kind
    (:mod:`aeaug.data.by_content.duplicates`); ``means`` of the pool's channels, in [0, 1].

    Raises :class:`Fault`, in one line, for an image that is another by now.
    """
    pixels = np.empty((len(first), 3, size, size), np.uint8)
    usable: list[str] = []
    unusable: dict[str, str] = {}
    coloured = False
    for digest, image in _decoded(source, listing, first, size):
        if isinstance(image, str):
            unusable[digest] = image
            continue
        pixels[len(usable)] = image[None] if image.ndim == 2 else image.transpose(2, 0, 1)
        coloured = coloured or (image.ndim == 3 and bool((image != image[..., :1]).any()))
        usable.append(digest)
    pixels = pixels[: len(usable)] if coloured else np.ascontiguousarray(pixels[: len(usable), 0])
    parts = [part_of(digest) for digest in usable]
    same = copies(torch.from_numpy(pixels), parts) if usable else []
    pool = pixels[[part == "pool" for part in parts]]
    of_channels = [pool[:, channel] for channel in range(3)] if coloured else [pool]
    table = {
        "sha256": usable,
        "unusable": unusable,
        "copies": [(usable[one], usable[other], kind) for one, other, kind in same],
        "means": [round(float(one.mean(dtype=np.float64)) / 255, 6) if len(pool) else 0.0 for one in of_channels],
    }
    np.save(folder / IMAGES, pixels)
    (folder / TABLE).write_text(json.dumps(table) + "\n")


def _decoded(
    source: Source, listing: Listing, first: Mapping[str, int], size: int
) -> Iterator[tuple[str, Array | str]]:
    """Each image's hash, and its pixels or why there are none."""

    def read(digest: str) -> tuple[str, Array | str]:
        place = first[digest]
        name = shown(listing.images[place].name)
        try:
            content = listing.read(place)
        except OSError as error:  # of the disk, which says nothing of the image
            raise Fault(f"{source.key}: {name}: {in_few_words(error)}; the same command again") from None
        if sha256(content).hexdigest() != digest:
            raise Fault(f"{source.key}: {name} changed while it was read; the same command again")
        try:
            return digest, decoded(content, size)
        except (Fault, MemoryError):
            raise
        except Exception as error:  # of whatever a damaged file makes Pillow raise, and our own
            return digest, in_few_words(error)

    order = sorted(first)
    bar: Any = progress_bar(desc=f"decoding {Path(source.place).name}", total=len(order), unit="image")
    with bar, ThreadPoolExecutor(WORKERS) as workers, catch_warnings():
        simplefilter("ignore")  # what Pillow warns of is refused, or says nothing of the pixels
        for start in range(0, len(order), AT_ONCE):
            for one in workers.map(read, order[start : start + AT_ONCE]):
                bar.update()
                yield one
