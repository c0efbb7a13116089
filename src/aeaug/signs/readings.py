"""Numbers of a run's records. Those of the discriminator are means over the last half of the readings."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from statistics import fmean
from typing import Any

from aeaug.signs.finished import Finished

__all__ = [
    "Number",
    "accepted",
    "away",
    "decoded",
    "fell",
    "first_distance",
    "followed",
    "gap",
    "held",
    "late",
    "leak",
    "learnt",
    "off_target",
    "overfitting",
    "passes_beside",
    "reach",
    "real_beside",
    "size_of_logits",
    "synthetic_beside",
    "synthetic_share",
]

Number = Callable[[Finished], float]
Said = Mapping[str, Any]


def late(number: Callable[[Said], float | None]) -> Number:
    """The mean over the last half of the readings that have the number, NaN where none has."""

    def mean(run: Finished) -> float:
        found = [number(one["discriminator"]) for one in run.readings[len(run.readings) // 2 :]]
        known = [value for value in found if value is not None]  # r_v has none where D tells nothing apart
        return fmean(known) if known else float("nan")

    return mean


def away(key: str, target: float) -> Number:
    """How far a reading is from ``target``, whichever side it is on."""
    return late(lambda said: None if said[key] is None else abs(said[key] - target))


def held(controller: str, target: float) -> Number:
    """How far what a ``controller`` decides on, the mean over an epoch, is from ``target``, whichever side it is on."""

    def mean(run: Finished) -> float:
        found = [one["signals"][controller] for one in run.readings[len(run.readings) // 2 :]]
        known = [abs(signal - target) for signal in found if signal is not None]
        return fmean(known) if known else float("nan")

    return mean


def leak(run: Finished) -> float:
    """Share of generated images that are taken for decoded ones."""
    return float(run.metrics["leak"]["share_generated"])


def off_target(run: Finished) -> float:
    """How far the mean r_t is from 0.6."""
    return abs(late(lambda said: said["r_t"])(run) - 0.6)


def synthetic_share(run: Finished) -> float:
    """Of all images shown."""
    return float(run.metrics["work"]["synthetic"] / run.metrics["work"]["shown"])


def real_beside(expected: int) -> Number:
    """How far the real images shown are from as many as are ``expected``, of those."""
    return lambda run: abs(run.metrics["work"]["shown"] - run.metrics["work"]["synthetic"] - expected) / expected


def synthetic_beside(expected: float) -> Number:
    """How far the share of synthetic images is from what is ``expected``."""
    return lambda run: abs(synthetic_share(run) - expected)


def accepted(run: Finished) -> float:
    """Share of the images made that the filter accepted."""
    return float(run.metrics["work"]["accepted"] / run.metrics["work"]["drawn"])


def passes_beside(expected: int) -> Number:
    """How far the images that went through the discriminator are from as many as are ``expected``."""
    return lambda run: float(abs(run.metrics["work"]["discriminator"] - expected))


def learnt(run: Finished) -> float:
    """FD at the last reading, of that at the first."""
    return float(run.readings[-1]["frechet_distance"] / run.readings[0]["frechet_distance"])


def first_distance(run: Finished) -> float:
    """FD at the first reading."""
    return float(run.readings[0]["frechet_distance"])


def followed(rate: str, target: float, most: float, by: str = "r_v") -> Number:
    """Of the times from one reading to the next with r_v, or what else it goes ``by``, on one side of ``target`` at
    both, the share in which the ``rate`` rose above it and fell below it, or had come to ``most``, or 0, by then; NaN
    where there are none."""

    def share(run: Finished) -> float:
        agreed = []
        for before, after in pairwise(run.readings):
            sides = {_side(one["discriminator"][by], target) for one in (before, after)}
            if len(sides) != 1 or sides <= {0}:
                continue
            (side,) = sides
            last, now = before["rates"][rate], after["rates"][rate]
            agreed.append((now - last) * side > 0 or now == (most if side > 0 else 0))
        return fmean(agreed) if agreed else float("nan")

    return share


def _side(value: float | None, target: float) -> int:
    return 0 if value is None else (value > target) - (value < target)


def fell(rate: str) -> Number:
    """The share of times from one reading to the next in which the ``rate`` fell."""

    def share(run: Finished) -> float:
        rates = [one["rates"][rate] for one in run.readings]
        return fmean(after < before for before, after in pairwise(rates))

    return share


decoded = late(lambda said: said["logit_decoded"])
gap = late(lambda said: said["logit_train"] - said["logit_validation"])
reach = late(lambda said: said["logit_train"] - said["logit_generated"])
overfitting = late(lambda said: said["r_v"])
size_of_logits = late(lambda said: max(abs(said["logit_train"]), abs(said["logit_generated"])))
