"""``.npy``, and ``.npz`` with the images and an array for each fact; written as images come, whatever their number."""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np

from aeaug.export.block import Array, Block, require_count
from aeaug.export.place import made_above, require_free
from aeaug.writing import write_atomically

__all__ = ["write_npy", "write_npz"]


def write_npy(path: Path, count: int, blocks: Iterable[Block]) -> None:
    """Write ``(count, H, W)`` or ``(count, 3, H, W)`` uint8, ``count`` ≥ 1, as many as the blocks have together.

    Raises :class:`aeaug.faults.Fault` where something of that name is there in the end, and ``OSError`` where nothing
    can be written; then nothing is left.
    """

    def write(file: IO[bytes]) -> None:
        _images(file, count, blocks, [])
        require_free(path)  # somebody may have been quicker

    with made_above(path):
        write_atomically(path, write)


def write_npz(path: Path, count: int, blocks: Iterable[Block]) -> None:
    """Write ``images: (count, H, W)`` or ``(count, 3, H, W)`` uint8 and each fact ``(count,)``, ``label`` as
    ``labels``.

    ``numpy.load`` reads it without pickles. ``count``, and what is raised, as of :func:`write_npy`.
    """

    def write(file: IO[bytes]) -> None:
        facts: list[dict[str, Array]] = []
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            # A member of its own date: the same images make the same file.
            with archive.open(zipfile.ZipInfo("images.npy"), "w", force_zip64=True) as member:
                _images(member, count, blocks, facts)
            for name in facts[0] if facts else ():
                with archive.open(zipfile.ZipInfo(f"{plural(name)}.npy"), "w", force_zip64=True) as member:
                    whole = np.concatenate([one[name] for one in facts])
                    np.lib.format.write_array(member, whole, allow_pickle=False)
        require_free(path)  # somebody may have been quicker

    with made_above(path):
        write_atomically(path, write)


def plural(fact: str) -> str:
    """What an array of such a fact is called: labels, but synthetic."""
    return f"{fact}s" if fact == "label" else fact


def _images(file: IO[bytes], count: int, blocks: Iterable[Block], facts: list[dict[str, Any]]) -> None:
    for block in require_count(blocks, count):
        if not facts:
            head = {"descr": "|u1", "fortran_order": False, "shape": (count, *block.images.shape[1:])}
            np.lib.format.write_array_header_1_0(file, head)
        file.write(np.ascontiguousarray(block.images).tobytes())
        facts.append(dict(block.facts))
