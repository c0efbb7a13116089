"""A fitted LatentAugmenter as one file, which can hold no code: safetensors, with options as JSON in its header.

The header's metadata has one entry, of the name of the format: ``version``, ``options``, and a ``sha256`` of options
and tensors, for safetensors has no checksum of its own, and a damaged weight is a number like any other.
"""

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load, save
from torch import Tensor

from aeaug.faults import reading
from aeaug.writing import write_whole

__all__ = ["REMEDY", "Stored", "read", "write"]

FORMAT, VERSION = "aeaug.LatentAugmenter", 1
REMEDY = "save a fitted LatentAugmenter again"
LENGTH = 8  # bytes before the header, which say how long that is


class Stored(NamedTuple):
    """``options``: what JSON can hold; ``tensors``: by name, on the CPU."""

    options: Mapping[str, Any]
    tensors: Mapping[str, Tensor]


def write(path: Path, stored: Stored) -> None:
    """Write the file, whole or not at all; what was there is replaced. Raises ``OSError`` where that cannot be."""
    if not path.name or path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    # Copies: safetensors refuses tensors that share memory.
    tensors = {
        name: one.detach().cpu().clone(memory_format=torch.contiguous_format) for name, one in stored.tensors.items()
    }
    head = {"version": VERSION, "options": stored.options, "sha256": _checksum(Stored(stored.options, tensors))}
    # Of one entry, as the order of several is random: the same augmenter makes the same bytes.
    write_whole(path, save(tensors, {FORMAT: json.dumps(head, allow_nan=False)}))


def read(path: Path) -> Stored:
    """What :func:`write` wrote. Raises :class:`aeaug.faults.Fault`, in one line that names the file, for one that is
    missing, damaged or of another kind."""
    with reading(path, REMEDY):
        if not os.path.lexists(path):
            raise ValueError("it is missing")
        if not path.is_file():
            raise ValueError("it is no file")
        # Not mapped into memory: what another program does to the file later would reach the weights.
        whole = path.read_bytes()
        tensors = load(whole)
        header = json.loads(whole[LENGTH : LENGTH + int.from_bytes(whole[:LENGTH], "little")])
        metadata = header.get("__metadata__", {})
        if FORMAT not in metadata:
            raise ValueError("it is no LatentAugmenter")
        head = json.loads(metadata[FORMAT])
        if not isinstance(head, dict) or not isinstance(head.get("options"), dict):
            raise ValueError("it holds no options")
        if head.get("version") != VERSION:
            raise ValueError(f"of version {head.get('version')!s:.20}, here it is {VERSION}")
        stored = Stored(head["options"], tensors)
        if head.get("sha256") != _checksum(stored):
            raise ValueError("its checksum is another: it is damaged")
        return stored


def _checksum(stored: Stored) -> str:
    """SHA-256 of options and of each tensor's name, type, shape and bytes, whatever their order."""
    whole = hashlib.sha256(json.dumps(stored.options, sort_keys=True).encode())
    for name, one in sorted(stored.tensors.items()):
        whole.update(f"\n{name} {one.dtype} {tuple(one.shape)}\n".encode())
        whole.update(one.flatten().view(torch.uint8).numpy().data)
    return whole.hexdigest()
