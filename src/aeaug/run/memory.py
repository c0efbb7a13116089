"""The most memory a run held.

A sweep runs several jobs in one process, so the peak has to be one of the run, not of the process. Linux keeps the
peak of the resident set (``VmHWM``, see proc(5)) and lets a process set it back to what it holds now, by writing 5 to
``/proc/self/clear_refs``. Where that can not be done, ``getrusage`` has the peak of the whole process; where that is
absent too (Windows), there is no number. PyTorch counts a CUDA device's memory itself.
"""

import sys
from pathlib import Path

import torch

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

__all__ = ["PeakMemory"]

CLEAR_REFS, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
RESET_PEAK = "5"


class PeakMemory:
    """Most memory held since :meth:`start`: by this process, and by PyTorch's tensors on a CUDA device."""

    def __init__(self) -> None:
        self._device: torch.device | None = None
        self._resettable = False

    def start(self, device: torch.device | str = "cpu") -> None:
        """Forget what was held before. ``device``: where the run trains; its memory counts if it is a CUDA device."""
        device = torch.device(device)
        self._device = device if device.type == "cuda" else None
        if self._device is not None:
            torch.cuda.init()  # nothing was on the device before: without this there are no statistics to reset
            torch.cuda.reset_peak_memory_stats(self._device)
        try:
            CLEAR_REFS.write_text(RESET_PEAK)
            self._resettable = True
        except OSError:
            self._resettable = False

    def read(self) -> dict[str, int | None]:
        """``host_bytes`` and ``device_bytes`` by now; None where there is no such number.

        Before :meth:`start`, and where the peak can not be set back, ``host_bytes`` is that of the whole process.
        """
        device = None if self._device is None else torch.cuda.max_memory_allocated(self._device)
        return {"host_bytes": self._high_water_mark() or _peak_of_process(), "device_bytes": device}

    def _high_water_mark(self) -> int | None:
        if not self._resettable:
            return None
        lines = (line.split() for line in STATUS.read_text().splitlines())
        return next((int(line[1]) * 1024 for line in lines if line[0] == "VmHWM:"), None)


def _peak_of_process() -> int | None:
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # bytes on macOS, kilobytes elsewhere
