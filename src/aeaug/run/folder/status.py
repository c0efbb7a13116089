"""``status.json`` as the process writes it that is at work on a run: state, progress, seconds, machines, code.

:func:`aeaug.run.files.read_status` reads it back; :class:`aeaug.run.shapes.Status` says what is in it.
"""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aeaug.run.identity.provenance import Code, code, versions
from aeaug.run.identity.sources import sources
from aeaug.writing import write_whole

if TYPE_CHECKING:  # PyTorch takes a second to import
    from aeaug.run.identity.circumstances import Circumstances

__all__ = ["RunStatus", "now"]

UNKNOWN: Code = {"commit": None, "dirty": None}  # of a run that earlier versions began

T = TypeVar("T")


class RunStatus:
    """What the file says, and how it changes. Of several processes that train together, one has opened the folder, and
    for it this is ``ours``: the others change nothing."""

    def __init__(self, file: Path, budget: int) -> None:
        """``budget``: images to be shown. Nothing is written before :meth:`update`."""
        self.file, self.ours = file, False
        self._entries: dict[str, Any] = {
            "state": "running",
            "images": 0,
            "budget": budget,
            "asked": [],
            "extended": [],
            "started": now(),
            "finished": None,
            "seconds": {},
            "processor_seconds": {},
            "pace": [],
            "peak_memory": {},
            "device": "",
            "circumstances": [],
            "host": None,
            "pid": None,
            "updated": None,
            "autoencoder": None,
            "gate": None,
            "identity": None,
            "versions": versions(),
            "code": [code()],
            "sources": [],
            "traceback": None,
        }

    def go_on(self, previous: Mapping[str, Any], trained: bool) -> None:
        """Go on from what a start before has left: time spent adds up. ``trained``: it left a checkpoint, and so all
        that belongs to its training."""
        spent = ("seconds", "processor_seconds", "pace")
        self._entries |= {key: previous[key] for key in (*spent, "images", "extended")}
        self._entries["started"] = previous["started"] or self._entries["started"]
        if trained:
            self._entries |= {key: previous[key] for key in ("autoencoder", "gate", "circumstances")}
            self._entries["code"] = _with(previous["code"] or [UNKNOWN], code())
            self._entries["sources"] = previous["sources"]

    def take(self, **entries: Any) -> None:
        """Change entries, to be written with the next :meth:`update`."""
        self._entries |= entries

    def update(self, **changes: Any) -> None:
        """Change entries and write the file; a ``state`` other than running sets the time of finishing."""
        if not self.ours:
            return
        self._entries["sources"] = _with(self._entries["sources"], sources())
        self._entries |= changes | {"host": platform.node(), "pid": os.getpid(), "updated": now()}
        if changes.get("state", "running") != "running":
            self._entries["finished"] = now()
        write_whole(self.file, json.dumps(self._entries, indent=2, allow_nan=False) + "\n")

    @property
    def started(self) -> str:
        """When the run was first begun; of one that is made anew, when it was."""
        return str(self._entries["started"])

    @property
    def images(self) -> int:
        """Images shown so far."""
        return int(self._entries["images"])

    @property
    def extended(self) -> list[dict[str, Any]]:
        """The budgets beyond which the run went on, and when."""
        return list(self._entries["extended"])

    def seconds(self) -> dict[str, float]:
        """Seconds spent in each stage so far, over all resumptions."""
        return dict(self._entries["seconds"])

    def processor_seconds(self) -> dict[str, float]:
        """Processors' seconds so far: of the autoencoder, its gate, and the GAN's training with augmentation."""
        return dict(self._entries["processor_seconds"])

    def trains(self, device: str, under: "Circumstances") -> None:
        """Take down where, and under what, this start trains."""
        self.update(device=device, circumstances=_with(self._entries["circumstances"], under))

    def keep_pace(self, images: int, seconds: Mapping[str, float], processor: Mapping[str, float]) -> None:
        """Take down, at a checkpoint, the stages' ``seconds`` and those of the ``processor`` until ``images`` shown.

        ``pace`` has all these moments; of one that a training has gone back behind, the newer.
        """
        pace = [point for point in self._entries["pace"] if point[0] < images]
        pace.append([images, sum(processor.values())])
        self.update(images=images, seconds=seconds, processor_seconds=processor, pace=pace)


def now() -> str:
    """The time in UTC (ISO 8601)."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _with(before: list[T], latest: T) -> list[T]:
    """The distinct states of what worked on a run, in order."""
    return before if latest in before else [*before, latest]
