"""Which images are for what: by the hash of a file's content, so that a file added later moves no other one.

Of every 100 images about 60 are the pool that subsets are drawn from, 10 the validation slice, 20 the test set, and 10
are kept for nets that measure: feature nets may be trained on these, and nothing else ever sees them. Neither the name,
the class nor the number of the others matters. The same file twice is one image.
"""

from typing import Literal, get_args

__all__ = ["FEWEST", "PARTS", "SHARES", "Part", "part_of"]

Part = Literal["pool", "validation", "test", "nets"]
PARTS: tuple[Part, ...] = get_args(Part)

SHARES: dict[Part, int] = {"pool": 60, "validation": 10, "test": 20, "nets": 10}
"""Of 100 images."""

FEWEST: dict[Part, int] = {"pool": 20, "validation": 10, "test": 20, "nets": 0}
"""Of fewer nothing can be measured."""


def part_of(sha256: str) -> Part:
    """Where the image belongs whose file has this SHA-256, in hexadecimal."""
    place, upto = int(sha256[:16], 16) * 100 >> 64, 0
    for part, share in SHARES.items():
        upto += share
        if place < upto:
            return part
    raise AssertionError("shares are of 100")
