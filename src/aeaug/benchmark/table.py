"""The table of measurements and the machine they were made on."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import torch

from aeaug.benchmark.pairs import Ratio

__all__ = ["Row", "machine", "markdown", "number", "spread"]

HEAD = ("measured", "here", "compared with", "ratio (min–max)", "by processor time", "target")


class Row(NamedTuple):
    """One comparison, as text. ``cpu`` is the ratio of processor times, which another process disturbs less."""

    measured: str
    here: str
    compared: str
    ratio: str
    cpu: str
    target: str


def markdown(rows: Iterable[Row]) -> str:
    """Return a Markdown table of ``rows``."""
    lines = [HEAD, ("---",) * len(HEAD), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def number(value: float) -> str:
    """Write ``value`` with three significant digits and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}".rstrip(".")


def spread(ratio: Ratio) -> str:
    """Write a ratio with its range."""
    return f"{number(ratio.median)} ({number(ratio.least)}–{number(ratio.most)})"


def machine(threads: int) -> str:
    """Describe what the numbers depend on: processor, cores, threads used, software, and what else was running."""
    load = f"load average {os.getloadavg()[0]:.1f} before, " if hasattr(os, "getloadavg") else ""
    return (
        f"{_processor()}, {os.cpu_count()} cores, threads used: {threads} unless a row says otherwise, "
        f"{load}Python {platform.python_version()}, torch {torch.__version__}"
    )


def _processor() -> str:
    listing = Path("/proc/cpuinfo")  # platform.processor() is empty or vague on Linux
    if not listing.exists():
        return platform.processor() or platform.machine()
    fields = [line.partition(":") for line in listing.read_text().splitlines()]
    found = {key.strip(): value.strip() for key, _, value in fields}
    extensions = [name for name in ("avx2", "avx512f", "avx512_bf16") if name in found.get("flags", "").split()]
    return f"{found.get('model name', platform.machine())} ({', '.join(extensions) or 'no vector extensions'})"
