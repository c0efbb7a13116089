"""Where the seconds of a GAN's training go: into training, augmentation and evaluation; and those of processors, which
other work on the same machine disturbs less, and which count all cores that a run takes."""

import time
from collections.abc import Mapping

from aeaug.data import MNISTDataModule
from aeaug.run.monitor import ValidationMonitor

__all__ = ["Clock", "added"]


def added(spent: Mapping[str, float], more: Mapping[str, float]) -> dict[str, float]:
    """The seconds ``spent`` in stages, with ``more`` of some."""
    return {**spent, **{stage: spent.get(stage, 0.0) + here for stage, here in more.items()}}


class Clock:
    """Seconds of the stages of a training, on top of what an interrupted one had spent up to its checkpoint."""

    def __init__(self, data: MNISTDataModule, monitor: ValidationMonitor) -> None:
        self._data, self._monitor = data, monitor

    def start(self, spent: dict[str, float], processor: dict[str, float]) -> None:
        """Begin, with the seconds ``spent`` in stages before, and those of the ``processor``."""
        self._spent, self._began = spent, time.perf_counter()
        self._processor, self._processor_began = processor, time.process_time()

    def seconds(self) -> dict[str, float]:
        """Seconds in each stage by now."""
        assert self._data.loader is not None
        here = {"augmentation": self._data.loader.augmentation_seconds, "evaluation": self._monitor.seconds}
        here["gan"] = time.perf_counter() - self._began - sum(here.values())
        return added(self._spent, here)

    def processor_seconds(self) -> dict[str, float]:
        """Seconds of this process on all cores by now, as user and system time: what the GAN's training took with its
        augmentation, evaluation apart, and what came before it."""
        here = time.process_time() - self._processor_began - self._monitor.processor_seconds
        return added(self._processor, {"training": here})
