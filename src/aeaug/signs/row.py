"""What is kept of a sign: its statement, its numbers on each subset, those that they stand beside, and on how many
subsets it was seen."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

__all__ = ["SEEDS", "Row", "Stated", "identity", "row", "rows_of", "together"]

SEEDS = (9_000, 9_001, 9_002)
"""Subsets that no reported experiment uses."""

Row = Mapping[str, str]


class Stated(Protocol):
    """What is to be seen ``of`` something: a number that is lower, or ``higher``, ``than`` that of something else, or
    than a number."""

    @property
    def of(self) -> Any:
        """What it is of."""

    @property
    def than(self) -> Any:
        """Another of its kind, or a ``float``."""

    @property
    def higher(self) -> bool:
        """Which side is wanted."""

    @property
    def statement(self) -> tuple[str, str, str, str]:
        """As it stands in the table: ``choice``, ``what``, ``wanted`` and ``than``."""


S = TypeVar("S", bound=Stated)


def rows_of(stated: Iterable[S], number: Callable[[S, Any, int], float], experiment: str = "") -> Iterator[Row]:
    """A row for each that is ``stated``. ``number``: which one it asks for, of what it is of or is compared with, on
    the subset at this place of :data:`SEEDS`; ``experiment``: whose runs they are of."""
    places = range(len(SEEDS))
    for one in stated:
        values = [number(one, one.of, place) for place in places]
        beside = [one.than if isinstance(one.than, float) else number(one, one.than, place) for place in places]
        choice, what, _, than = one.statement
        yield row(experiment, choice, what, values, one.higher, than, beside)


def row(
    experiment: str, choice: str, what: str, values: Sequence[float], higher: bool, than: str, others: Sequence[float]
) -> Row:
    """``what`` of a ``choice``, a number for each of :data:`SEEDS`, is to be ``higher``, or lower, than ``others``,
    which are those of ``than``. ``experiment``: whose runs they are of; empty: of none."""
    pairs = list(zip(values, others, strict=True))
    seen = sum(value > other if higher else value < other for value, other in pairs)
    return {
        "experiment": experiment,
        "choice": choice,
        "what": what,
        "wanted": "higher" if higher else "lower",
        "than": than,
        **{f"subset {seed}": f"{value:.6g}" for seed, (value, _) in zip(SEEDS, pairs, strict=True)},
        **{f"other {seed}": f"{other:.6g}" for seed, (_, other) in zip(SEEDS, pairs, strict=True)},
        "seen": f"{seen} of {len(SEEDS)}",
    }


def identity(one: Row) -> tuple[str, ...]:
    """What tells a statement from others."""
    return tuple(one[key] for key in ("experiment", "choice", "what", "wanted", "than"))


def together(stated: Iterable[Sequence[str]], kept: Iterable[Row], measured: Iterable[Row]) -> list[Row]:
    """The rows of all that is ``stated``, by their identities and in this order: as they were ``measured`` now, else as
    they are ``kept``. What has neither is left out, and so is what is stated no more."""
    known = {identity(one): one for one in (*kept, *measured)}
    return [known[one] for one in map(tuple, stated) if one in known]
