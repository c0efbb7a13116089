"""Under what a run is made besides its options: the machine, the threads and the software, which move last digits.

None of it makes another run (:mod:`aeaug.run.identity.free`), so the two halves of a pair may differ in it. A run takes
it down at every start, and a report says of pairs where it is not the same.
"""

import platform
from pathlib import Path
from typing import TypedDict

import torch

from aeaug.run.identity.provenance import versions

__all__ = ["Circumstances", "circumstances"]


class Circumstances(TypedDict):
    """``processor``: its kind, with the instructions that PyTorch has for it; ``threads``: of the CPU."""

    processor: str
    threads: int
    versions: dict[str, str]


def circumstances(device: torch.device) -> Circumstances:
    """Those of this process, where it trains on ``device``."""
    return {"processor": _processor(device), "threads": torch.get_num_threads(), "versions": versions()}


def _processor(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(models, '') or platform.machine()} ({torch.backends.cpu.get_cpu_capability()})"
