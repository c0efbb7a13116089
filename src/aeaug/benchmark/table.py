"""The table of measurements and the machine they were made on."""

import os
import platform
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["Row", "compared", "has_bf16", "line", "machine", "markdown", "number"]

Row = tuple[str, str, str, str, str, str]
HEAD: Row = ("measured", "here", "compared with", "ratio (min–max)", "by processor time", "target")


def compared(
    name: str, unit: str, values: NDArray[np.float64], by_cpu: NDArray[np.float64] | None = None, target: str = ""
) -> Row:
    """Return the row of ``values (2, pairs)`` in ``unit``, here and compared with, and the same ``by_cpu`` time.

    Numbers are medians; a ratio is that of ratios of pairs, which were measured beside each other.
    """
    ratios: NDArray[np.float64] = values[0] / values[1]
    here, other = (f"{number(value)} {unit}" for value in np.median(values, axis=1))
    ratio = f"{number(float(np.median(ratios)))} ({number(ratios.min())}–{number(ratios.max())})"
    cpu = "" if by_cpu is None else number(np.median(by_cpu[0] / by_cpu[1]))
    return name, here, other, ratio, cpu, target


def markdown(rows: Iterable[Row]) -> str:
    """Return a Markdown table of ``rows``."""
    return "\n".join(line(cells) for cells in (HEAD, ("---",) * len(HEAD), *rows))


def line(cells: Iterable[str]) -> str:
    """Return a line of such a table."""
    return f"| {' | '.join(cells)} |"


def number(value: float) -> str:
    """Write ``value`` with three significant digits and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{Decimal(f'{value:#.3g}'):f}"


def machine(threads: int) -> str:
    """Describe what the numbers depend on: processor, cores, threads used, software, and what else was running."""
    load = f"load average {os.getloadavg()[0]:.1f} before, " if hasattr(os, "getloadavg") else ""
    return (
        f"{_processor()}, {os.cpu_count()} cores, threads used: {threads} unless a row says otherwise, "
        f"{load}Python {platform.python_version()}, torch {torch.__version__}"
    )


def has_bf16() -> bool:
    """Whether the processor says that it multiplies in bf16."""
    return bool({"avx512_bf16", "amx_bf16"} & set(_listed().get("flags", "").split()))


def _processor() -> str:
    if not (found := _listed()):
        return platform.processor() or platform.machine()
    extensions = sorted({"avx2", "avx512f", "avx512_bf16"} & set(found.get("flags", "").split()))
    return f"{found.get('model name', platform.machine())} ({', '.join(extensions) or 'no vector extensions'})"


def _listed() -> dict[str, str]:
    """What Linux says of the processor: platform.processor() is empty or vague there."""
    listing = Path("/proc/cpuinfo")
    text = listing.read_text() if listing.exists() else ""
    return dict(re.findall(r"^(model name|flags)\s*: (.*)$", text, re.MULTILINE))
