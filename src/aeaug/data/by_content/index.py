"""What a source's images are, whatever they are called: a hash of every one, and one of all together.

An image is read for its hash once. What is known of it stands in an index in the cache, and is taken for true as long
as its signature is what it was: so a folder of 60,000 files is looked through in a second.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aeaug.data.by_content.source import Listing, Source
from aeaug.faults import Fault, in_few_words
from aeaug.options import shown
from aeaug.training.progress import progress_bar
from aeaug.writing import locked, write_whole

__all__ = ["DIGITS", "content_of", "hashes"]

DIGITS = 16
"""Hexadecimal, of the hash of all images."""

LARGEST = 2**28
"""Bytes of a file: a photograph has a tenth of that."""


def hashes(source: Source, listing: Listing, cache: Path) -> list[str]:
    """The SHA-256 of the bytes of each image that a ``source`` lists, in hexadecimal; the index is in the folder
    ``cache``.

    Raises :class:`Fault`, in one line, for an image that cannot be read, or is far too large for one.
    """
    shelf, identity = source.shelf
    place = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    index = cache / shelf / f"{place}.json"
    known = _read(index)
    found = {image.name: known.get(image.name) for image in listing.images}
    new = [
        (position, image)
        for position, image in enumerate(listing.images)
        if (known.get(image.name) or [None])[0] != list(image.signature)
    ]
    if not new:
        return [known[image.name][1] for image in listing.images]
    index.parent.mkdir(parents=True, exist_ok=True)
    with locked(index.with_suffix(".lock"), f"another process that looks through {source.place}"):
        for position, image in progress_bar(new, f"reading {Path(source.place).name}", unit=source.noun, leave=False):
            if image.signature[0] > LARGEST:
                raise Fault(
                    f"{source.key}: {shown(image.name)}: {image.signature[0] / 2**20:,.0f} MB, more than any "
                    f"photograph ({LARGEST / 2**20:.0f}); remove it"
                )
            try:
                found[image.name] = [list(image.signature), hashlib.sha256(listing.read(position)).hexdigest()]
            except OSError as error:
                raise Fault(f"{source.key}: {shown(image.name)}: {in_few_words(error)}") from None
        write_whole(index, json.dumps(found) + "\n")
    complete: dict[str, Any] = found
    return [complete[image.name][1] for image in listing.images]


def content_of(images: Iterable[tuple[str, str]]) -> str:
    """What pairs of SHA-256 and class are, in any order, each counted once: 16 hexadecimal digits."""
    lines = sorted({f"{sha256} {label}\n" for sha256, label in images})
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:DIGITS]


def _read(index: Path) -> dict[str, Any]:
    """An index that is damaged is none."""
    try:
        found = json.loads(index.read_text())
        well_formed = all(
            isinstance(one, list) and len(one) == 2 and isinstance(one[0], list) and len(str(one[1])) == 64
            for one in found.values()
        )
    except (OSError, ValueError, AttributeError):
        return {}
    return found if well_formed else {}
