"""IDX files to tensors, checked before they are believed: the form in which MNIST, and what took its place, come.

The four files are read where torchvision keeps them (``<root>/<folder>/raw``), as they are or packed (``.gz``: so they
are published, and so Debian's package of Fashion-MNIST has them), torchvision downloads them when they are missing, and
every file's content is compared with its known MD5 sum.
"""

import gzip
import hashlib
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from aeaug.faults import Fault, one_line, reading
from aeaug.writing import locked

__all__ = ["IDXFiles", "IDXSource"]


class IDXFiles(NamedTuple):
    """The content of the four files: images ``(N, H, W)`` uint8 in [0, 255], labels ``(N,)`` int64."""

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor


@dataclass(frozen=True)
class IDXSource:
    """Where four files are and what they hold.

    ``title``: of the data set; ``folder``: torchvision's name of its class, below which it keeps them; ``md5``: by the
    files' names, in the order of :class:`IDXFiles`; ``instead``: what helps where there are none.
    """

    title: str
    folder: str
    md5: Mapping[str, str]
    instead: str

    def load(self, root: Path, download: bool = True) -> IDXFiles:
        """Read ``<root>/<folder>/raw``; if files are missing and ``download`` is set, let torchvision fetch them.

        Raises ``ValueError`` when the files are absent and cannot be downloaded, or when one of them is another.
        """
        raw = root / self.folder / "raw"
        with reading(Path(f"data.root: {raw}"), "make it readable, or take another place"):
            missing = [name for name in self.md5 if not _stored(raw / name).exists()]
        if missing and download:
            try:
                self._download(root)
            except (OSError, RuntimeError, ValueError) as error:
                raise Fault(self._not_found(raw, f"downloading failed: {one_line(error)}")) from error
        elif missing:
            raise ValueError(self._not_found(raw, f"missing {', '.join(missing)}"))
        return IDXFiles(*(self._read(raw / name, md5) for name, md5 in self.md5.items()))

    def _download(self, root: Path) -> None:
        """Have torchvision fetch the files; where it cannot, no empty folder stays behind."""
        import torchvision.datasets  # takes a second to import, and the files are there most of the time

        new = [place for place in (root, *root.parents) if not place.exists()]
        try:
            root.mkdir(parents=True, exist_ok=True)
            # Of several runs that find nothing, one downloads.
            with locked(root / f".{self.folder.lower()}.lock", f"another process that downloads {self.title}"):
                if (known := getattr(torchvision.datasets, self.folder, None)) is None:
                    raise ValueError(f"torchvision has no {self.folder} to download")
                known(str(root), download=True)
        except BaseException:
            for place in (root / self.folder / "raw", root / self.folder, *new):
                with suppress(OSError):  # it is not empty, and stays
                    place.rmdir()
            raise

    def _not_found(self, raw: Path, reason: str) -> str:
        reason = " ".join(reason.split())  # torchvision's messages span lines
        return (
            f"data.root: {self.title} not found in {raw.absolute()} ({reason}). Put the files {', '.join(self.md5)} "
            f"there, as they are or as .gz, or set AEAUG_DATA to the folder that holds {self.folder}/raw, "
            f"or use {self.instead}"
        )

    def _read(self, name: Path, md5: str) -> Tensor:
        """Parse one IDX file: magic number 0x0000 08 <dimensions>, big-endian sizes, then unsigned bytes."""
        path = _stored(name)
        with reading(Path(f"data.root: {path}"), "replace or delete it"):
            content = path.read_bytes()
            if path != name:
                content = gzip.decompress(content)
        is_images = "images" in name.name
        magic, header = (2051, 16) if is_images else (2049, 8)
        problem = None
        if len(content) < header:
            problem = f"truncated: {len(content)} bytes, shorter than its header"
        elif (found := struct.unpack(">I", content[:4])[0]) != magic:
            problem = f"wrong magic number {found}, expected {magic}"
        else:
            shape = struct.unpack(f">{header // 4 - 1}I", content[4:header])
            expected = header + int(np.prod(shape, dtype=np.int64))
            if len(content) != expected:
                problem = f"truncated: {len(content)} bytes, its header announces {expected}"
            elif hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
                problem = "its MD5 sum is not that of the original"
        if problem:
            raise ValueError(f"data.root: {path} is not {self.title}'s file ({problem}); replace or delete it")
        array = torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=header).reshape(shape)
        return array if is_images else array.long()


def _stored(name: Path) -> Path:
    """The file itself where there is one, else the packed one beside its place."""
    return name if name.exists() else name.with_name(f"{name.name}.gz")
