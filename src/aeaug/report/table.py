"""A table before any markup, and what a number looks like in it, the same in HTML, Markdown and text."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["NONE", "Cell", "Row", "Table", "decimals", "number", "short", "spread"]

NONE = "–"


@dataclass(frozen=True)
class Cell:
    """`text`, with a smaller `detail` beside or under it."""

    text: str
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """One row; `variant` is the arm it belongs to (for its colour), `floor` sets it apart from the arms."""

    cells: tuple[Cell, ...]
    variant: str = ""
    floor: bool = False


@dataclass(frozen=True)
class Table:
    """Columns after the first hold numbers, unless `words` names them.

    `title` tells tables of one part apart; `floors` stands over the rows that are floors. Details stand under their
    text, or `beside` it where there is room.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    words: frozenset[str] = frozenset()
    title: str = ""
    floors: str = ""
    beside: bool = False


def spread(values: Sequence[float], places: int) -> Cell:
    """Median of `values`, with their smallest and largest where these read differently."""
    if not values:
        return Cell(NONE)
    ends = number(min(values), places), number(max(values), places)
    middle = float(np.median(values))
    halfway = middle % 1 == 0.5 and all(float(value).is_integer() for value in values)
    to = " to " if min(values) < 0 else "–"  # a dash beside a minus is hard to read
    return Cell(number(middle, 1 if halfway else places), f"[{ends[0]}{to}{ends[1]}]" if ends[0] != ends[1] else "")


def number(value: float, places: int = 0) -> str:
    """`value` with `places` decimals, thousands apart, a true minus sign."""
    return f"{value:,.{places}f}".replace("-", "−").replace(",", "\u202f") if math.isfinite(value) else str(value)


def decimals(values: Iterable[float]) -> int:
    """Decimals, 0 to 4, that leave the smallest of `values` two significant digits."""
    smallest = min((abs(value) for value in values if value), default=1.0)
    return min(4, max(0, 1 - math.floor(math.log10(smallest))))


def short(name: str, longest: int = 36) -> str:
    """`name` at most `longest` characters long: a longer one keeps both its ends."""
    if len(name) <= longest:
        return name
    return f"{name[: longest // 2]}…{name[-(longest - longest // 2 - 1) :]}"
