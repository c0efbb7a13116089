"""Workers of joblib's launcher that start while a long sweep's plan is made: each imports what trains, for seconds, and
so long does the plan take."""

import os
import signal
import warnings
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from aeaug.sweep.ending import SWEEP
from aeaug.sweep.launchers import jobs_at_once
from aeaug.training.parent import end_with

__all__ = ["Workers"]

FEWEST = 100  # jobs; to plan fewer takes less than a second
ALIKE = ("max_nbytes", "mmap_mode", "prefer", "require", "temp_folder", "verbose")


class Workers:
    """Those of a ``launcher``, which is ``hydra.launcher``: joblib gives the workers that it has to whoever asks for as
    many in the same way, so that the launcher finds them."""

    def __init__(self, launcher: Mapping[str, Any]) -> None:
        self._launcher = launcher
        self._count = 0
        self._ready: Any = None

    def start(self, jobs: int) -> None:
        """Start them for a sweep of so many ``jobs``, if it has several at once on this machine and is long to plan."""
        count = min(jobs_at_once(self._launcher) or 1, jobs) if "n_jobs" in self._launcher else 1
        if jobs < FEWEST or count < 2:
            return
        from joblib import Parallel, delayed

        alike = {key: self._launcher[key] for key in ALIKE if key in self._launcher}
        parallel = Parallel(n_jobs=count, backend="loky", return_as="generator_unordered", **alike)
        # One imports nothing: this process has a core to itself for the plan.
        self._ready = parallel(delayed(_prepare)(imports=place < count - 1) for place in range(count))
        self._count = count

    def hand_over(self, count: int) -> None:
        """Wait until they are ready for a launcher that asks for ``count``, or end them where it would not have them.
        (One that is out of memory is the launcher's to tell of, which has it again.)"""
        if self._ready is not None and count == self._count:
            with suppress(Exception):
                list(self._ready)
            self._ready = None
        self.end()

    def end(self) -> None:
        """End those that were started and not handed over, whatever they are doing."""
        if self._ready is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that nobody looks at what they return
                self._ready.close()
            self._ready = None


def _prepare(*, imports: bool) -> None:
    end_with(int(os.environ.get(SWEEP, 0)))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # until a run answers it, the process that started this one does
    if imports:
        import_module("aeaug.run.pipeline")
