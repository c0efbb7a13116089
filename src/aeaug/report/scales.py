"""Axes of figures: logarithmic ones with plain labels, ones of log ratios labelled as changes, counts of images."""

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

__all__ = ["log_scale", "ratio_scale", "thousands"]


def log_scale(axes: Axes, which: str, low: float, high: float) -> None:
    """Make axis `which` ("x" or "y") logarithmic over [low, high], with plain labels at 1, 2, 5 x 10^k.

    Over many decades there are fewer of them, and over so short a stretch that three are not to be had, even steps.
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    axes.set(**{f"{which}scale": "log", f"{which}lim": (low, high)})
    room = 34 if which == "x" else math.inf  # characters beside each other
    for factors in ((1, 2, 5), (1, 3), (1,)):
        steps = [factor * 10.0**power for power in range(-9, 10) for factor in factors]
        ticks = [step for step in steps if low <= step <= high]
        if len(ticks) <= 8 and sum(len(f"{tick:g}") + 2 for tick in ticks) <= room:
            break
    if len(ticks) < 3:
        ticks = [tick for tick in MaxNLocator(4).tick_values(low, high) if low <= tick <= high]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def ratio_scale(axes: Axes, which: str, low: float, high: float) -> None:
    """Make axis `which` that of log ratios in [low, high], labelled with relative changes: log 2 reads +100%."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axes.set(**{f"{which}lim": (low, high)})
    axis.set_major_locator(FixedLocator([math.log1p(tick) for tick in _percent_ticks(low, high)]))
    axis.set_major_formatter(FuncFormatter(_percent))


def thousands(count: float, _: int = 0) -> str:
    """Format of a tick that counts images: 500, 12k, 1.2M."""
    size, unit = (1e6, "M") if abs(count) >= 1e6 else (1e3, "k") if abs(count) >= 1e3 else (1, "")
    return f"{count / size:g}{unit}"


def _percent(difference: float, _: int) -> str:
    value = round(100 * math.expm1(difference), 1)
    return f"{value:+g}%".replace("-", "−") if value else "0%"


def _percent_ticks(low: float, high: float) -> list[float]:
    """At most six round relative changes between two log ratios; past +200% the ratio doubles."""
    if high > math.log(3):
        ticks = [-0.9, -0.75, -0.5, 0, *(2.0**k - 1 for k in range(1, 40))]
        inside = [tick for tick in ticks if low <= math.log1p(tick) <= high]
        return inside if len(inside) <= 6 else [0.0, *inside[-1:]]
    span = math.expm1(high) - math.expm1(low)
    step = next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if span / step <= 6.5), 0.5)
    counts = range(math.ceil(math.expm1(low) / step), math.floor(math.expm1(high) / step) + 1)
    return [count * step for count in counts]
