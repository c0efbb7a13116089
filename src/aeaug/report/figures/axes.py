"""Axes and their labels: logarithmic ones, ones of log ratios labelled as changes, counts of images, long names."""

import math
import re
from typing import Any

from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

__all__ = ["folded", "log_scale", "ratio_scale", "thousands"]


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
        span = math.expm1(high) - math.expm1(low)
        step = next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if span / step <= 6.5), 0.5)
        counts = range(math.ceil(math.expm1(low) / step), math.floor(math.expm1(high) / step) + 1)
        ticks = [count * step for count in counts]
    axis.set_major_locator(FixedLocator([math.log1p(tick) for tick in ticks]))
    axis.set_major_formatter(FuncFormatter(_percent))


def thousands(count: float, _: int = 0) -> str:
    """Format of a tick that counts images: 500, 12k, 1.2M."""
    size, unit = (1e6, "M") if abs(count) >= 1e6 else (1e3, "k") if abs(count) >= 1e3 else (1, "")
    return f"{count / size:g}{unit}"


def _percent(difference: float, _: int) -> str:
    value = round(100 * math.expm1(difference), 1)
    return f"{value:+g}%".replace("-", "−") if value else "0%"
