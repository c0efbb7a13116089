r"""Mean and standard deviation of every number over several draws of a set of images.

The deviation is the unbiased one, :math:`s^2 = \frac1{D-1} \sum_d (x_d - \bar x)^2`. Draws of n out of N images,
without replacement, share images: two of them n²/N on average. The mean over a draw's images then varies by
:math:`\sqrt{1 - n/N}` of what it would over samples that have none in common (Cochran 1977, *Sampling Techniques*,
section 2.6): of 10,000 out of 29,500, by 0.81 of it, of all N by nothing.
"""

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

from aeaug.evaluation.metric import Metrics, Spaces

__all__ = ["Spread", "spread"]

_Number = int | float | list[float] | None
_Statistic = Callable[[Sequence[float]], float]


class Spread(NamedTuple):
    """Mean and standard deviation over draws, by space and key; of a list, of each of its places."""

    mean: Spaces
    sd: Spaces


def spread(draws: Sequence[Spaces]) -> Spread:
    """Of at least 2 ``draws``, which have the same spaces and keys; None where a number is None in one of them.
    Raises ``ValueError`` for fewer."""
    if len(draws) < 2:
        raise ValueError(f"draws: expected at least 2, got {len(draws)}")
    return Spread(_over(draws, statistics.fmean), _over(draws, statistics.stdev))


def _over(draws: Sequence[Spaces], statistic: _Statistic) -> Spaces:
    found: Spaces = {}
    for space, first in draws[0].items():
        metrics: Metrics = {key: _of([draw[space][key] for draw in draws], statistic) for key in first}
        found[space] = metrics
    return found


def _of(numbers: Sequence[_Number], statistic: _Statistic) -> _Number:
    if any(number is None for number in numbers):
        return None
    lists = [number for number in numbers if isinstance(number, list)]
    if lists:
        return [statistic(place) for place in zip(*lists, strict=True)]
    return statistic([number for number in numbers if isinstance(number, int | float)])
