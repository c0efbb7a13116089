"""The signs of what is injected instead of decoded images: of changed training images that they are changed by as much,
of rounded ones that they have the background of real images."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import torch

from aeaug.augmentation.sources import Source
from aeaug.randomness import generator
from aeaug.signs.row import SEEDS, Row, rows_of

__all__ = ["OF_SOURCES", "OfSource", "black", "fresh_dose", "rows_of_sources"]

DRAWS = 20  # of the whole subset


def fresh_dose(source: Source, seed: int) -> float:
    """The mean squared change of ``source``, by draws that its strength was not found by."""
    draw, everyone = generator(seed, "signs: fresh draws", device=source.device), torch.arange(len(source.images))
    real = source.real(everyone)
    return fmean(float((source(everyone, draw) - real).square().mean()) for _ in range(DRAWS))


def black(source: Source, seed: int) -> float:
    """The share of pixels that are -1."""
    return float((source.sample(torch.arange(len(source.images)), seed) == -1).double().mean())


class OfSource(NamedTuple):
    """``what`` is to be seen of a ``source``: a ``number`` of it and of decoded images, by a seed, that is lower, or
    ``higher``, than another; ``than`` is that, or of decoded images."""

    source: str
    what: str
    number: Callable[[Source, Source, int], float]
    higher: bool
    than: str | float

    @property
    def of(self) -> str:
        """The source."""
        return self.source

    @property
    def statement(self) -> tuple[str, str, str, str]:
        """As it stands in the table."""
        return f"source={self.source}", self.what, "higher" if self.higher else "lower", str(self.than)


def _off(source: Source, decoded: Source, seed: int) -> float:
    return abs(fresh_dose(source, seed) / fresh_dose(decoded, seed) - 1)


_DOSE = "its dose is that of decoding, on fresh draws: relative difference"

OF_SOURCES = (
    *(OfSource(name, _DOSE, _off, False, 0.05) for name in ("noise", "blur", "shift")),
    OfSource(
        "rounded", "its background is black: share of pixels", lambda one, _, seed: black(one, seed), True, "decoded"
    ),
)


def rows_of_sources(sources: Mapping[str, Sequence[Source]]) -> Iterator[Row]:
    """A row for each of :data:`OF_SOURCES`. ``sources``: by name, on each subset, those of decoded images among
    them."""
    return rows_of(
        OF_SOURCES,
        lambda one, source, place: one.number(sources[source][place], sources["decoded"][place], SEEDS[place]),
    )
