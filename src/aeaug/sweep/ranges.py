"""Seeds in few words."""

from collections.abc import Sequence

__all__ = ["ranges"]


def ranges(numbers: Sequence[int]) -> str:
    """``0 to 3, 7`` of the ascending numbers 0, 1, 2, 3, 7."""
    first = [n for place, n in enumerate(numbers) if place == 0 or numbers[place - 1] != n - 1]
    last = [n for place, n in enumerate(numbers) if place + 1 == len(numbers) or numbers[place + 1] != n + 1]
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in zip(first, last, strict=True))
