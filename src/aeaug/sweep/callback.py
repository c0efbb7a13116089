"""What Hydra calls before and after a sweep, whatever launcher runs it: check every job, then show one bar for all.

Hydra calls this in the process that launches; the runs may be in others.
"""

import signal
import sys
import threading
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from typing_extensions import override

from aeaug.sweep.bar import SweepBar
from aeaug.sweep.plan import sweep_jobs, unknown_arms

__all__ = ["Sweep"]


class Sweep(Callback):
    """``hydra.callbacks``: check the jobs; from the first to the last, show the share of all images that were shown."""

    _bar: SweepBar | None = None

    @override
    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        try:
            jobs = sweep_jobs(config)
        except Exception as error:  # Hydra would turn it into a warning and go on
            sys.exit(f"error: {error}")
        if threading.current_thread() is threading.main_thread():
            # By default the process would end at once, and a launcher's workers go on with jobs that nobody awaits.
            signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        for line in unknown_arms(jobs.values()):
            print(f"warning: {line}", file=sys.stderr)
        self._bar = SweepBar(f"sweep {config.name}", list(jobs))

    @override
    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        if self._bar is not None:
            self._bar.close()
            print(self._bar.outcome(), file=sys.stderr)

    def __getstate__(self) -> dict[str, Any]:
        return {}  # launchers send the callback to their workers; the bar stays
