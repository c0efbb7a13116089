"""What a folder's images are, whatever their files are called: a hash of every file, and one of all together.

A file is read for its hash once. What is known of it stands in an index in the cache, and is taken for true as long as
size and times of the file are what they were: so a folder of 60,000 files is looked through in a second.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aeaug.artifacts import file_sha256
from aeaug.data.folder.scan import ImageFile
from aeaug.faults import Fault, one_line
from aeaug.options import shown
from aeaug.training.progress import progress_bar
from aeaug.writing import locked, write_whole

__all__ = ["DIGITS", "content_of", "hashes"]

DIGITS = 16
"""Hexadecimal, of the hash of a folder's content."""

LARGEST = 2**28
"""Bytes of a file: a photograph has a tenth of that."""


def hashes(root: Path, files: list[ImageFile], cache: Path) -> list[str]:
    """The SHA-256 of each of ``files`` below ``root``, in hexadecimal; the index is in the folder ``cache``.

    Raises :class:`Fault`, in one line, for a file that cannot be read, or is far too large for an image.
    """
    place = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    index = cache / "folders" / f"{place}.json"
    known = _read(index)
    found = {file.name: known.get(file.name) for file in files}
    new = [file for file in files if (known.get(file.name) or [None])[0] != list(file.signature)]
    if not new:
        return [known[file.name][1] for file in files]
    index.parent.mkdir(parents=True, exist_ok=True)
    with locked(index.with_suffix(".lock"), f"another process that looks through {root}"):
        for file in progress_bar(new, f"reading {root.name}", unit="file", leave=False):
            if file.signature[0] > LARGEST:
                raise Fault(
                    f"data.root={root}: {shown(file.name)}: {file.signature[0] / 2**20:,.0f} MB, more than any "
                    f"photograph ({LARGEST / 2**20:.0f}); remove it"
                )
            try:
                found[file.name] = [list(file.signature), file_sha256(root / file.name)]
            except OSError as error:
                why = one_line(error.strerror or error)
                raise Fault(f"data.root={root}: {shown(file.name)}: {why}") from None
        write_whole(index, json.dumps(found) + "\n")
    complete: dict[str, Any] = found
    return [complete[file.name][1] for file in files]


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
