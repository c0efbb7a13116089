"""The images of a source, decoded once: one file of bytes in the cache, found again by their content.

It is an artifact (:mod:`aeaug.artifacts`) whose key is a hash of the images' content, the size and the code that
decodes, so that a source that changed has another one. It is in colour where one image is; grey is made of it when it
is read. Images stand in it in the order of their SHA-256: files that are renamed or come in another order are the same
data set, to the bit, and so are the same files from another kind of source.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from aeaug.artifacts import ArtifactStore
from aeaug.data.by_content.building import IMAGES, TABLE, VERSION, build
from aeaug.data.by_content.decoding import LUMA, to_grey
from aeaug.data.by_content.index import content_of, hashes
from aeaug.data.by_content.shares import Part, part_of
from aeaug.data.by_content.source import Listing, Source
from aeaug.faults import Fault, reading
from aeaug.options import shown

__all__ = ["Stored", "looked_through_once", "store_images"]

KIND = "images"
FEWEST_A_CLASS = 3  # on average, of which some have to be in the pool


class Stored(NamedTuple):
    """Images of a source, in the order of their hashes.

    ``path``: of the artifact; ``content``: of all images together (:func:`aeaug.data.by_content.index.content_of`);
    ``found``: the source's options, as they were found; ``channels``, ``class_names`` and for each image ``names``,
    ``labels`` and ``parts`` (of :mod:`aeaug.data.by_content.shares`); ``mean``: of the pool's intensities, in [0, 1];
    ``unusable``: names of what are no images for this, each with the reason; ``copies``: pairs of names, and of which
    kind (:mod:`aeaug.data.by_content.duplicates`); ``remarks``: what else the reader should know, a line each.
    """

    path: Path
    content: str
    found: Mapping[str, str]
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


def store_images(source: Source, size: int, channels: int | None, cache: Path) -> Stored:
    """Look through a ``source``, and decode its images unless that was done.

    Args:
        source: where they are.
        size: of a side, in pixels.
        channels: 1, 3, or None for 1 where every image is grey.
        cache: where images and what is known of files are kept.

    Raises:
        ValueError: in one line, for a source that holds no such images, or cannot be read.
    """
    asked = (source, size, channels, cache)
    if _once is not None and asked in _once:
        return _seen[asked][1]
    listing = source.listing()
    known = _seen.get(asked)  # of a sweep, every run looks at the source
    if known is None or known[0] != listing or not known[1].path.is_dir():
        _seen[asked] = known = listing, _stored(source, listing, size, channels, cache)
    if _once is not None:
        _once.add(asked)
    return known[1]


@contextmanager
def looked_through_once() -> Iterator[None]:
    """Within it a source is looked through once, however many runs ask what is there: to list 60,000 files takes a
    second, and all runs of a plan are about the same moment. (Each looks for itself when it starts.)"""
    global _once
    before, _once = _once, set() if _once is None else _once
    try:
        yield
    finally:
        _once = before


_once: set[tuple[Any, ...]] | None = None
_seen: dict[tuple[Any, ...], tuple[Listing, Stored]] = {}
"""What was found in this process, by what was asked for; a source that changed is looked through anew."""


def _stored(source: Source, listing: Listing, size: int, channels: int | None, cache: Path) -> Stored:
    images, class_names = listing.images, listing.class_names
    if len(class_names) * FEWEST_A_CLASS > len(images):
        option = f"data.{source.telling}"
        raise Fault(
            f"{option}={listing.found[source.telling]}: {len(class_names):,} classes of {len(images):,} {source.noun}s "
            f"in {source.key}, which is fewer than {FEWEST_A_CLASS} a class; {option}=none takes them without"
        )
    digests = hashes(source, listing, cache)
    first: dict[str, int] = {}  # of several with the same bytes
    for place, digest in enumerate(digests):
        first.setdefault(digest, place)
    content = content_of((digest, images[place].label) for digest, place in first.items())
    recipe = {"content": content, "size": size, "version": VERSION}
    path = ArtifactStore(cache).get(KIND, recipe, lambda folder: build(folder, source, listing, first, size))
    with reading(path / TABLE, f"delete the folder {path}, and it is made anew"):
        table = json.loads((path / TABLE).read_text())
    name_of = {digest: images[place].name for digest, place in first.items()}  # what they are called today
    usable = table["sha256"]
    return Stored(
        path=path,
        content=content,
        found=listing.found,
        channels=channels or len(table["means"]),
        class_names=class_names,
        names=[name_of[digest] for digest in usable],
        labels=[class_names.index(images[first[digest]].label) if class_names else 0 for digest in usable],
        parts=[part_of(digest) for digest in usable],
        mean=_mean(table["means"], channels),
        unusable={name_of[digest]: why for digest, why in table["unusable"].items()},
        copies=[(name_of[one], name_of[other], kind) for one, other, kind in table["copies"]],
        remarks=(*listing.remarks, *_repeated(source.noun, listing, digests, first)),
    )


def _mean(means: list[float], channels: int | None) -> float:
    """Of the pool's intensities, in so many channels, from ``means`` of the channels that are stored."""
    weights = [weight / sum(LUMA) for weight in LUMA] if channels == 1 else [1 / 3] * 3
    return round(means[0] if len(means) == 1 else sum(map(mul, weights, means)), 4)


def _repeated(noun: str, listing: Listing, digests: list[str], first: Mapping[str, int]) -> Iterator[str]:
    images = listing.images
    repeated = [place for place, digest in enumerate(digests) if first[digest] != place]
    if repeated:
        one = repeated[0]
        pair = f"{shown(images[one].name)} is {shown(images[first[digests[one]]].name)}"
        files = (
            f"{len(repeated)} {noun}s repeat others and count"
            if len(repeated) > 1
            else f"1 {noun} repeats another and counts"
        )
        yield f"{files} once: {pair}"
        if any(images[one].label != images[first[digests[one]]].label for one in repeated):
            yield "some of these lie in two classes, of which the first counts"
