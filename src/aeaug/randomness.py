"""Random generators that depend on what they are for, not on what ran before.

Every random draw of the project comes from a generator derived from ``(seed, purpose, position)``: two arms of an
experiment then share every draw that has the same purpose, and a resumed run repeats the draws of an uninterrupted one
without any saved generator state. The derivation is a hash, so neighbouring seeds and positions are unrelated.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["derive_seed", "generator", "seeded_init"]


def derive_seed(seed: int, purpose: str, *position: int) -> int:
    """Return a 63-bit seed that is a hash of its arguments.

    ``position`` is where in the run the draw happens (an epoch, a pass, a step).
    """
    text = "/".join([str(seed), purpose, *map(str, position)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, purpose: str, *position: int, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a fresh ``torch.Generator`` on ``device``, seeded by :func:`derive_seed`."""
    return torch.Generator(device).manual_seed(derive_seed(seed, purpose, *position))


@contextmanager
def seeded_init(seed: int, purpose: str) -> Iterator[None]:
    """Make the default initialisers of ``torch.nn`` reproducible, and leave the global stream as it was.

    ``torch.nn`` layers draw their initial weights from the global stream only; inside this context that stream is a
    function of ``(seed, purpose)``. Build networks on the CPU inside it.
    """
    with torch.random.fork_rng(devices=[]):
        # Of the CPU alone: torch.manual_seed would also set every GPU's, which nothing here would set back.
        torch.default_generator.manual_seed(derive_seed(seed, purpose))
        yield
