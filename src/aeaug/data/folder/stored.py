"""The images of a folder, decoded once: one file of bytes in the cache, found again by their content.

It is an artifact (:mod:`aeaug.artifacts`) whose key is a hash of the files' content, the size and the code that
decodes, so that a changed folder has another one. It is in colour where one image is; grey is made of it when it is
read. Images stand in it in the order of their files' SHA-256: files that are renamed or come in another order are the
same data set, to the bit.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.metadata import version
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

import numpy as np
import torch
from torch import Tensor

from aeaug.artifacts import ArtifactStore, recipe_version
from aeaug.data.folder.content import content_of, hashes
from aeaug.data.folder.decoding import LUMA, decoded, to_grey
from aeaug.data.folder.duplicates import copies
from aeaug.data.folder.scan import Classes, Found, scan
from aeaug.data.folder.shares import Part, part_of
from aeaug.faults import Fault, one_line, reading
from aeaug.options import shown
from aeaug.training.progress import progress_bar

__all__ = ["Stored", "store_images"]

KIND = "images"
IMAGES, TABLE = "images.npy", "images.json"
AT_ONCE = 512  # files in memory
WORKERS = min(8, os.cpu_count() or 1)  # Pillow decodes outside Python's lock

_HERE = Path(__file__).parent
VERSION = {
    **recipe_version(*(_HERE / name for name in ("decoding.py", "duplicates.py", "shares.py", "stored.py"))),
    "pillow": version("pillow").split(".")[0],
}

Array = np.ndarray[Any, Any]


class Stored(NamedTuple):
    """Images of a folder, in the order of their files' hashes.

    ``path``: of the artifact; ``content``: of all files together (:func:`aeaug.data.folder.content.content_of`);
    ``classes``: how classes were told; ``channels``, ``class_names`` and for each image ``names`` (of its file),
    ``labels`` and ``parts`` (of :mod:`aeaug.data.folder.shares`); ``mean``: of the pool's intensities, in [0, 1];
    ``unusable``: names of files that are no images for this, each with the reason; ``copies``: pairs of names, and of
    which kind (:mod:`aeaug.data.folder.duplicates`); ``remarks``: what else the reader should know, a line each.
    """

    path: Path
    content: str
    classes: Classes
    channels: int
    class_names: tuple[str, ...]
    names: list[str]
    labels: list[int]
    parts: list[Part]
    mean: float
    unusable: dict[str, str]
    copies: list[tuple[str, str, str]]
    remarks: tuple[str, ...]

    def images(self) -> Tensor:
        """``(N, H, W)`` uint8, in colour ``(N, 3, H, W)``."""
        with reading(self.path / IMAGES, f"delete the folder {self.path}, and it is made anew"):
            pixels = np.load(self.path / IMAGES, allow_pickle=False)
        if self.channels == 1:
            return torch.from_numpy(to_grey(pixels) if pixels.ndim == 4 else pixels)
        return torch.from_numpy(pixels if pixels.ndim == 4 else pixels[:, None].repeat(self.channels, 1))


def store_images(root: Path, size: int, channels: int | None, classes: Classes | None, cache: Path) -> Stored:
    """Look through the folder ``root``, and decode its images unless that was done.

    Args:
        root: the folder.
        size: of a side, in pixels.
        channels: 1, 3, or None for 1 where every image is grey.
        classes: how they are told; None for folders, where images lie in folders alone.
        cache: where images and what is known of files are kept.

    Raises:
        ValueError: in one line, for a folder that holds no such images, or cannot be read.
    """
    found = scan(root, classes)
    asked = (root, size, channels, classes, cache)
    known = _seen.get(asked)  # of a sweep, every run looks at the folder
    if known is None or known[0] != found or not known[1].path.is_dir():
        _seen[asked] = known = found, _stored(root, size, channels, cache, found)
    return known[1]


_seen: dict[tuple[Any, ...], tuple[Found, Stored]] = {}
"""What was found in this process, by what was asked for; a folder that changed is looked through anew."""


def _stored(root: Path, size: int, channels: int | None, cache: Path, found: Found) -> Stored:
    digests = hashes(root, found.files, cache)
    first: dict[str, int] = {}  # of several files with the same content
    for place, digest in enumerate(digests):
        first.setdefault(digest, place)
    order = [place for _, place in sorted(first.items())]
    labelled = [(digests[place], found.files[place].label) for place in order]
    content = content_of(labelled)
    recipe = {"content": content, "size": size, "version": VERSION}
    path = ArtifactStore(cache).get(KIND, recipe, lambda folder: _build(folder, root, found, order, digests, size))
    with reading(path / TABLE, f"delete the folder {path}, and it is made anew"):
        table = json.loads((path / TABLE).read_text())
    by_hash = {digest: found.files[place] for digest, place in first.items()}  # what they are called today
    name_of = {digest: file.name for digest, file in by_hash.items()}
    class_names = tuple(dict.fromkeys(file.label for file in found.files)) if found.classes == "folders" else ()
    usable = table["sha256"]
    return Stored(
        path=path,
        content=content,
        classes=found.classes,
        channels=channels or len(table["means"]),
        class_names=class_names,
        names=[name_of[digest] for digest in usable],
        labels=[class_names.index(by_hash[digest].label) if class_names else 0 for digest in usable],
        parts=[part_of(digest) for digest in usable],
        mean=_mean(table["means"], channels),
        unusable={name_of[digest]: why for digest, why in table["unusable"].items()},
        copies=[(name_of[one], name_of[other], kind) for one, other, kind in table["copies"]],
        remarks=tuple(_remarks(found, digests, first)),
    )


def _build(folder: Path, root: Path, found: Found, order: list[int], digests: list[str], size: int) -> None:
    pixels = np.empty((len(order), 3, size, size), np.uint8)
    usable: list[str] = []
    unusable: dict[str, str] = {}
    coloured = False
    for digest, image in _decoded(root, found, order, digests, size):
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
    root: Path, found: Found, order: list[int], digests: list[str], size: int
) -> Iterator[tuple[str, Array | str]]:
    """Each file's hash, and its pixels or why there are none."""

    def read(place: int) -> tuple[str, Array | str]:
        file, digest = found.files[place].name, digests[place]
        try:
            content = (root / file).read_bytes()
            if sha256(content).hexdigest() != digest:
                raise Fault(f"data.root={root}: {shown(file)} changed while it was read; the same command again")
            return digest, decoded(content, size)
        except Fault:
            raise
        except Exception as error:  # of whatever a damaged file makes Pillow raise, and our own
            why = error.strerror if isinstance(error, OSError) and error.strerror else error
            return digest, one_line(why) or type(error).__name__

    bar: Any = progress_bar(desc=f"decoding {root.name}", total=len(order), unit="image")
    with bar, ThreadPoolExecutor(WORKERS) as workers, catch_warnings():
        simplefilter("ignore")  # what Pillow warns of is refused, or says nothing of the pixels
        for start in range(0, len(order), AT_ONCE):
            for one in workers.map(read, order[start : start + AT_ONCE]):
                bar.update()
                yield one


def _mean(means: list[float], channels: int | None) -> float:
    """Of the pool's intensities, in so many channels, from ``means`` of the channels that are stored."""
    weights = [weight / sum(LUMA) for weight in LUMA] if channels == 1 else [1 / 3] * 3
    return round(means[0] if len(means) == 1 else sum(map(mul, weights, means)), 4)


def _remarks(found: Found, digests: list[str], first: dict[str, int]) -> Iterator[str]:
    if found.left_out:
        count = len(found.left_out)
        yield f"{count} file{'s' * (count > 1)} left out, no PNG or JPEG, or in no class: {_some(found.left_out)}"
    repeated = [place for place, digest in enumerate(digests) if first[digest] != place]
    if repeated:
        one = repeated[0]
        pair = f"{shown(found.files[one].name)} is {shown(found.files[first[digests[one]]].name)}"
        files = (
            f"{len(repeated)} files repeat others and count"
            if len(repeated) > 1
            else "1 file repeats another and counts"
        )
        yield f"{files} once: {pair}"
        if any(found.files[one].label != found.files[first[digests[one]]].label for one in repeated):
            yield "some of these lie in two classes, of which the first counts"


def _some(names: list[str]) -> str:
    return ", ".join(map(shown, names[:3])) + ", …" * (len(names) > 3)
