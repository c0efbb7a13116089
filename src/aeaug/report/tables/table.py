"""A table before any markup, and what all of them have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aeaug.evaluation.features import SPACES
from aeaug.evaluation.reading import NONE, decimals, number
from aeaug.report.arms import Group
from aeaug.report.results import Results
from aeaug.run.metrics import METRICS

__all__ = ["FD", "Row", "Table", "fd_decimals", "figure", "seen", "sentence", "title", "under_titles"]

FD = METRICS["frechet_distance"]


@dataclass(frozen=True)
class Row:
    """``kind``: arm, floor, or title, a single cell over the whole width. ``places``: by which numbers the cells are
    sorted, where a reader can sort them; None for what has none."""

    cells: tuple[str, ...]
    kind: str = "arm"
    places: tuple[float | str | None, ...] = ()


@dataclass(frozen=True)
class Table:
    """Columns after the first hold numbers. ``remark``: what has to be known of all of them. ``sortable``: where the
    page is read, by any of its columns; its rows have places then."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    remark: str = ""
    sortable: bool = False


def title(results: Results, group: Group) -> list[Row]:
    """The row over a group's, where there are several groups."""
    return [Row((results.title(group),), "title")] if len(results.groups) > 1 else []


def under_titles(results: Results, found: Sequence[Any], cells: Callable[[Any], tuple[str, ...]]) -> tuple[Row, ...]:
    """A row for each of ``found``, under the title of its group."""
    rows: list[Row] = []
    for group in results.groups:
        here = [Row(cells(one)) for one in found if one.group is group]
        rows += [*title(results, group), *here] if here else []
    return tuple(rows)


def fd_decimals(results: Results) -> int:
    """Decimals of what has the unit of FD."""
    return decimals(v for run in results.runs for name in (None, "real") if (v := run.of(FD, name)) is not None)


def seen(results: Results) -> str:
    """How many of the training images a feature net has seen, at each size at which it has any; before that the
    feature spaces, if a run asked for any."""
    counted = {}
    for group in results.groups:
        counts = [run.counts.get("data.net_seen", 0.0) for arm in group.arms for run in arm.runs]
        if most := max(counts, default=0.0):
            counted[group.size] = number(most)
    where = "; ".join(f"with {size} training images, {count} of them" for size, count in counted.items())
    return " ".join(filter(None, [_features(results), f"Seen by the feature nets: {where}." * bool(where)]))


def _features(results: Results) -> str:
    """The spaces of numbers, where they are others than the package's, with the hashes of their nets."""
    if results.spaces == SPACES:
        return ""
    behind = {space: (word[:12] for word in results.words(f"feature_net.{space}")) for space in results.spaces}
    nets = (f"{space} ({', '.join(f'{word}…' for word in words)})" for space, words in behind.items())
    return f"Feature spaces, the leading one first: {', '.join(nets)}."


def sentence(words: str) -> str:
    """``words`` with a capital and a full stop; empty for none."""
    return f"{words[:1].upper()}{words[1:]}." * bool(words)


def figure(value: float | None, digits: str) -> str:
    """``value`` in Python's format, or that there is none."""
    return NONE if value is None else f"{value:{digits}}"
