"""WebDataset: tar files of ``<key>.png``, ``<key>.cls`` (the label, where there is one) and ``<key>.json`` (all that is
known of an image), those of one key beside each other.

https://github.com/webdataset/webdataset: a reader streams a file from its beginning; several are for several readers.
"""

import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from aeaug.export.block import Array, Block, require_count
from aeaug.export.place import made_above, require_free
from aeaug.export.png import numbered, png_of
from aeaug.writing import naming

__all__ = ["shards_beside", "write_shards"]

Numbered = tuple[int, Array, dict[str, int | bool]]


def shards_beside(path: Path) -> str:
    """The pattern of the names of the shards of ``path``, ``<stem>-000000.tar`` and so on."""
    escaped = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path.stem)
    return f"{escaped}-[0-9][0-9][0-9][0-9][0-9][0-9].tar"


def write_shards(path: Path, count: int, blocks: Iterable[Block], per_shard: int) -> None:
    """Write ``<stem>-000000.tar``, … beside ``path``, ``<stem>.tar``, of ``per_shard`` images each, the last perhaps of
    fewer; ``count`` ≥ 1, as many as the blocks have together, and ``per_shard`` ≥ 1. Every one is complete before the
    first has its name; where one fails, all are gone.

    Raises :class:`aeaug.faults.Fault` where ``path`` or a shard of it is there in the end, and ``OSError`` where
    nothing can be written.
    """
    beside: list[tuple[Path, Path]] = []
    named: list[Path] = []
    images = numbered(require_count(blocks, count))
    with made_above(path):
        try:
            for shard in range(-(-count // per_shard)):
                whole = path.with_name(f"{path.stem}-{shard:06}.tar")
                beside.append((whole, whole.with_name(f".{whole.name}.{os.getpid()}.tmp")))
                with naming(whole, beside[-1][1]):
                    _write(beside[-1][1], islice(images, per_shard))
            assert next(images, None) is None
            require_free(path, shards_beside(path))  # somebody may have been quicker
            for whole, written in beside:
                written.replace(whole)
                named.append(whole)
        except BaseException:
            for one in [*named, *(written for _, written in beside)]:
                with suppress(OSError):
                    one.unlink(missing_ok=True)
            raise


def _write(path: Path, images: Iterator[Numbered]) -> None:
    with path.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for number, image, facts in images:
                parts = {"png": png_of(image), "json": json.dumps(facts).encode()}
                if facts.get("label", -1) >= 0:
                    parts["cls"] = str(facts["label"]).encode()
                for kind, content in parts.items():
                    member = tarfile.TarInfo(
                        f"{number:09}.{kind}"
                    )  # of no date and nobody: the same images, the same file
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
        file.flush()
        os.fsync(file.fileno())
