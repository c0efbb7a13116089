"""Where the seconds of a GAN's training go: into training, augmentation and evaluation."""

import time

from aeaug.data import MNISTDataModule
from aeaug.run.monitor import ValidationMonitor

__all__ = ["Clock"]


class Clock:
    """Seconds of the stages of a training, on top of what an interrupted one had spent up to its checkpoint."""

    def __init__(self, data: MNISTDataModule, monitor: ValidationMonitor) -> None:
        self._data, self._monitor = data, monitor

    def start(self, spent: dict[str, float]) -> None:
        """Begin, with the seconds ``spent`` in stages before."""
        self._spent, self._began = spent, time.perf_counter()

    def seconds(self) -> dict[str, float]:
        """Seconds in each stage by now."""
        assert self._data.loader is not None
        here = {"augmentation": self._data.loader.augmentation_seconds, "evaluation": self._monitor.seconds}
        here["gan"] = time.perf_counter() - self._began - sum(here.values())
        return self._spent | {stage: self._spent.get(stage, 0.0) + spent for stage, spent in here.items()}
