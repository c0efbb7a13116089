"""Axes and their labels: logarithmic ones, ones of log ratios labelled as changes, counts of images, long names."""

import math
import re
from collections.abc import Collection
from typing import Any

from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

__all__ = ["difference_scale", "folded", "log_scale", "ratio_scale", "thousands"]

_LABEL = 0.17
"""The share of an axis that a label takes, with some air, on the narrowest figures."""

_BELOW = (-0.5, -0.25, -0.2, -0.15, -0.1, -0.05, -0.02, -0.01)


def folded(text: str, width: int) -> str:
    """A long name over several lines, cut after its commas, underscores, spaces and equals signs, and between the
    words of a dotted key."""
    parts = re.split(r"(?<=[,_ =])|(?<=[a-z]\.)(?=[a-z])", text)
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.strip() for line in lines)


def log_scale(axis: Any, low: float, high: float) -> None:
    """Make ``axis`` logarithmic over [low, high], with plain labels at 1, 2, 5 x 10^k, or even ones on a short way."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log", f"{axis.axis_name}lim": (low, high)})
    steps = (1, 2, 5) if high / low < 300 else (1,)
    axis.set_major_locator(LogLocator(subs=steps) if high / low > 6 else MaxNLocator(4))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def ratio_scale(axis: Any, low: float, high: float) -> None:
    """Make ``axis`` that of log ratios in [low, high], labelled with relative changes: log 2 reads +100%."""
    axis.axes.set(**{f"{axis.axis_name}lim": (low, high)})
    if high > math.log(3):  # past +200% the ratio doubles
        ticks = [-0.9, -0.75, -0.5, 0, *(2.0**k - 1 for k in range(1, 40))]
        ticks = [tick for tick in ticks if low <= math.log1p(tick) <= high]
        ticks = ticks if len(ticks) <= 6 else [0.0, ticks[-1]]
    else:
        steps = (_even(low, high, step) for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0))
        ticks = next((ticks for ticks in steps if _apart(ticks, high - low)), _even(low, high, 0.5))
        if ticks[:1] == [0.0]:  # below zero a change of as many per cent is a longer way
            ticks = [*_lower(low, high - low), *ticks]
    axis.set_major_locator(FixedLocator([math.log1p(tick) for tick in ticks]))
    axis.set_major_formatter(FuncFormatter(_percent))


def difference_scale(axis: Any, scale: str, ends: Collection[float]) -> None:
    """Make ``axis`` that of the differences of a metric of this ``scale`` between the outermost ``ends``, with room."""
    room = 0.05 * (max(ends) - min(ends)) or 0.05
    low, high = min(ends) - room, max(ends) + room
    if scale == "log":
        ratio_scale(axis, low, high)
    else:
        axis.axes.set(**{f"{axis.axis_name}lim": (low, high)})
        axis.set_major_locator(MaxNLocator(5))


def _even(low: float, high: float, step: float) -> list[float]:
    """The multiples of ``step`` among the changes whose log ratios lie in [low, high]."""
    counts = range(math.ceil(math.expm1(low) / step), math.floor(math.expm1(high) / step) + 1)
    return [count * step for count in counts]


def _lower(low: float, span: float) -> list[float]:
    """A round change below zero, if one whose log ratio is at least ``low`` has room for its label beside that of 0."""
    return [change for change in _BELOW if low <= math.log1p(change) <= -_LABEL * span][:1]


def _apart(ticks: list[float], span: float) -> bool:
    """Whether there are two of these changes or more, whose labels do not run into each other on a narrow axis: the
    upper ones are the closest."""
    return len(ticks) > 1 and math.log1p(ticks[-1]) - math.log1p(ticks[-2]) >= _LABEL * span


def thousands(count: float, _: int = 0) -> str:
    """Format of a tick that counts images: 500, 12k, 1.2M."""
    size, unit = (1e6, "M") if abs(count) >= 1e6 else (1e3, "k") if abs(count) >= 1e3 else (1, "")
    return f"{count / size:g}{unit}"


def _percent(difference: float, _: int) -> str:
    value = round(100 * math.expm1(difference), 1)
    return f"{value:+g}%".replace("-", "−") if value else "0%"
