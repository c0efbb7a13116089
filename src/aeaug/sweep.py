"""One progress bar over a sweep, whatever launcher runs it: it reads the status files that the runs write.

Hydra calls this in the process that launches; the runs may be in others.
"""

import json
import threading
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from tqdm import tqdm
from typing_extensions import override

from aeaug.variant import variant_name

__all__ = ["SweepProgress", "sweep_folders"]

SECONDS_BETWEEN_LOOKS = 1.0


def sweep_folders(config: DictConfig) -> list[Path]:
    """Return the run folder of every job of the sweep that ``config``, with its ``hydra`` node, describes."""
    params = config.hydra.sweeper.params or {}
    arguments = [f"{key}={value}" for key, value in params.items()] + list(config.hydra.overrides.task)
    parsed = OverridesParser.create().parse_overrides(arguments)
    folders = []
    for batch in BasicSweeper.split_arguments(parsed, max_batch_size=None):
        for job in batch:
            keys = dict(argument.partition("=")[::2] for argument in job)
            variant = keys.get("variant") or config.variant or variant_name(job)
            seed = keys.get("seed", config.seed)
            folders.append(Path(config.outputs) / "runs" / config.name / variant / f"seed={seed}")
    return folders


class SweepProgress(Callback):
    """``hydra.callbacks``: from the first job to the last, show the share of all images that were shown."""

    @override
    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        self._folders = sweep_folders(config)
        self._bar = tqdm(
            total=len(self._folders),
            desc=f"sweep {config.name}",
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {n:.1f} of {total} runs [{elapsed}<{remaining}]{postfix}",
        )
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @override
    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        self._finished.set()
        self._thread.join()
        self._show()
        self._bar.close()

    def _watch(self) -> None:
        while not self._finished.wait(SECONDS_BETWEEN_LOOKS):
            self._show()

    def _show(self) -> None:
        shares, active = [], []
        for folder in self._folders:
            try:
                status = json.loads((folder / "status.json").read_text())
            except (OSError, ValueError):  # not started yet
                continue
            running = status["state"] == "running"
            shares.append(status["images"] / status["budget"] if running else 1.0)
            if running:
                active.append(f"{folder.parent.name}/{folder.name}")
        self._bar.n = sum(shares)
        self._bar.set_postfix_str(" · ".join(active))
