"""What is written, part by part: images with what is known of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["Block", "require_count"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Block:
    """``images: (B, H, W)`` or ``(B, 3, H, W)`` uint8; ``facts``: of each, arrays ``(B,)`` of integers or booleans by
    name, the same in every block. Of these ``label`` is a class, and ``synthetic`` tells images that were made from
    real ones. Nothing of this is checked."""

    images: Array
    facts: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.images)


def require_count(blocks: Iterable[Block], count: int) -> Iterator[Block]:
    """Pass ``blocks`` on, which have ``count`` images together, as a file's header has said before. An
    ``AssertionError`` says where they have not."""
    left = count
    for block in blocks:
        left -= len(block)
        yield block
    assert left == 0, f"{count - left} images, and there were to be {count}"
