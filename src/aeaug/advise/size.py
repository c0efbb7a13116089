"""What so many minutes buy: the largest budget of a run at which eight pairs fit, else six or seven pairs at the
smallest, and where time is left, up to twelve."""

import math
from dataclasses import dataclass

from aeaug.advise.options import READINGS, AdviseOptions
from aeaug.advise.pace import Pace
from aeaug.run.claims import pairs_needed

__all__ = ["FEWEST", "MOST", "Size", "minutes_needed", "size_of", "sized"]

FEWEST, WANTED, MOST = pairs_needed(1), 8, 12
MARGIN = 1.25  # two runs side by side slow each other down, and starting them takes time too
SPARE = 1.1  # of the minutes that are said to be enough: measured again, they are others


@dataclass(frozen=True)
class Size:
    """A run shows so many ``images``; ``pairs`` are measured. ``tuning`` and ``measuring``: about how many seconds
    either takes, of the first of which those for weights of R1 are ``weights``."""

    images: int
    pairs: int
    tuning: float
    weights: float
    measuring: float

    @property
    def seconds(self) -> float:
        """Of all."""
        return self.tuning + self.measuring


def sized(pace: Pace, options: AdviseOptions, workers: int, minutes: float) -> Size | None:
    """The advice that fits into ``minutes`` of ``workers`` at once; None where not even the smallest does."""
    of = {
        images: [size_of(pace, options, workers, images, pairs) for pairs in range(FEWEST, MOST + 1)]
        for images in options.images
    }
    fits = {images: [one for one in sizes if one.seconds <= 60 * minutes] for images, sizes in of.items()}
    enough = [images for images, sizes in fits.items() if sizes and sizes[-1].pairs >= WANTED]
    chosen = fits[max(enough, default=options.images[0])]
    return chosen[-1] if chosen else None


def minutes_needed(pace: Pace, options: AdviseOptions, workers: int, spent: float = 0.0) -> int:
    """The fewest whole minutes that buy an advice, with a tenth to spare, beside those ``spent`` before it begins."""
    return math.ceil(SPARE * (size_of(pace, options, workers, options.images[0], FEWEST).seconds / 60 + spent))


def size_of(pace: Pace, options: AdviseOptions, workers: int, images: int, pairs: int) -> Size:
    """One with this budget and so many pairs."""
    read, seeds = pace.each + READINGS * pace.reading, len(options.tuning_seeds)
    tried = [read + images * rate for rate in (*pace.candidates, pace.none)]
    pair = pace.pair + 2 * READINGS * pace.reading + images * (max(pace.candidates) + pace.none)
    weights = sum(tried[: len(options.weights)]) * seeds
    return Size(
        images=images,
        pairs=pairs,
        tuning=_together((sum(tried) + pace.subset) * seeds, len(tried) * seeds, workers),
        weights=MARGIN * weights / workers,
        measuring=_together(pair * pairs, 2 * pairs, workers),
    )


def _together(seconds: float, runs: int, workers: int) -> float:
    """What so many ``runs`` of ``seconds`` in all take ``workers``, of whom some wait for the last ones."""
    return MARGIN * seconds / runs * math.ceil(runs / workers)
