"""How numbers are read: decimals, thousands, medians with their range, differences on their scale, names of floors."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from aeaug.evaluation.metric import Metric

__all__ = ["FLOORS", "NONE", "amount", "decimals", "heading", "number", "percent", "spread"]

NONE = "–"
FLOORS = {
    "real": "another real sample",
    "copy": "copy of the training subset",
    "pixels": "Gaussian fitted to pixels",
    "reconstructed": "reconstructed images",
    "decoded": "decoded images",
}
"""Sets of images whose numbers the generated ones' are read by."""
ARROWS = {"lower": " ↓", "higher": " ↑", "neither": ""}


def number(value: float, places: int = 0) -> str:
    """``value`` with ``places`` decimals, thousands apart, a true minus sign."""
    return f"{value:,.{places}f}".replace("-", "−") if math.isfinite(value) else str(value)


def decimals(values: Iterable[float]) -> int:
    """Decimals, 0 to 4, that leave the smallest of ``values`` two significant digits."""
    smallest = min((abs(value) for value in values if value), default=1.0)
    return min(4, max(0, 1 - math.floor(math.log10(smallest))))


def spread(values: Sequence[float], places: int) -> str:
    """Median of ``values``, with their smallest and largest where these read differently."""
    if not values:
        return NONE
    low, high, middle = number(min(values), places), number(max(values), places), float(np.median(values))
    to = " to " if min(values) < 0 else "–"  # a dash beside a minus is hard to read
    halves = places == 0 and middle % 1 == 0.5 and all(value % 1 == 0 for value in values)
    return number(middle, 1 if halves else places) + (f" [{low}{to}{high}]" if low != high else "")


def heading(metric: Metric) -> str:
    """The metric's label with an arrow towards its better side."""
    return metric.label + ARROWS[metric.better]


def percent(difference: float) -> str:
    """The relative change that a difference of logarithms stands for, in signed percent, with a true minus sign."""
    return f"{100 * math.expm1(difference):+.1f}%".replace("-", "−")


def amount(difference: float, metric: Metric) -> str:
    """A difference on the metric's scale as it is read: signed percent on a log metric, else in the metric's units."""
    return percent(difference) if metric.scale == "log" else f"{difference:+.3g}".replace("-", "−")
