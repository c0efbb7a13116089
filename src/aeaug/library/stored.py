"""A fitted LatentAugmenter as a file: options as JSON beside tensors, in an archive that can hold no code.

The archive is PyTorch's, which this project keeps everything trained in (:mod:`aeaug.training.checkpoint`): it is
loaded with ``weights_only``, after the checksum of every part of it was compared.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from aeaug.faults import reading
from aeaug.training.checkpoint import read_archive
from aeaug.writing import archived, write_whole

__all__ = ["REMEDY", "Stored", "read", "write"]

FORMAT, VERSION = "aeaug.LatentAugmenter", 1
REMEDY = "save a fitted LatentAugmenter again"


class Stored(NamedTuple):
    """``options``: what JSON can hold; ``tensors``: by name, on the CPU."""

    options: Mapping[str, Any]
    tensors: Mapping[str, Tensor]


def write(path: Path, stored: Stored) -> None:
    """Write the file, whole or not at all; what was there is replaced."""
    tensors = {name: one.detach().cpu().contiguous() for name, one in stored.tensors.items()}
    head = {"format": FORMAT, "version": VERSION, "options": json.dumps(stored.options, allow_nan=False)}
    write_whole(path, archived({**head, "tensors": tensors}))


def read(path: Path) -> Stored:
    """What :func:`write` wrote. Raises :class:`aeaug.faults.Fault`, in one line that names the file, for one that is
    missing, damaged or of another kind."""
    content = read_archive(path, REMEDY)
    with reading(path, REMEDY):
        if content.get("format") != FORMAT:
            raise ValueError("it is no LatentAugmenter")
        if content.get("version") != VERSION:
            raise ValueError(f"of version {content.get('version')!s:.20}, here it is {VERSION}")
        options, tensors = json.loads(content["options"]), content["tensors"]
        if not isinstance(options, dict) or not isinstance(tensors, dict):
            raise ValueError("it holds no options or no tensors")
        if not all(isinstance(one, Tensor) for one in tensors.values()):
            raise ValueError("it holds more than tensors")
        return Stored(options, tensors)
