"""A sweep, whatever launcher runs it: all its jobs are checked before the first starts, and one bar shows them all.

Hydra calls this in the process that launches; the runs may be in others. The bar reads the status files they write.
"""

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from tqdm import tqdm
from typing_extensions import override

from aeaug.composition import compose_options
from aeaug.options import RunOptions
from aeaug.run_directory import RunDirectory, run_path

__all__ = ["Sweep", "sweep_jobs", "unknown_arms"]

SECONDS_BETWEEN_LOOKS = 1.0


def sweep_jobs(config: DictConfig) -> list[RunOptions]:
    """Return the checked options of every job of the sweep that ``config``, with its ``hydra`` node, describes.

    Raises ``ValueError`` when one of them is wrong, or when two would write into the same folder.
    """
    params = config.hydra.sweeper.get("params") or {}
    arguments = [f"{key}={value}" for key, value in params.items()] + list(config.hydra.overrides.task)
    parsed = OverridesParser.create().parse_overrides(arguments)
    loader = GlobalHydra.instance().config_loader()
    jobs: dict[Path, RunOptions] = {}
    for batch in BasicSweeper.split_arguments(parsed, max_batch_size=None):
        for overrides in batch:
            composed = loader.load_sweep_config(config, list(overrides))
            options = compose_options(composed, list(composed.hydra.overrides.task))
            if options.trainer.strategy != "auto" and options.trainer.devices > 1:
                # Lightning starts the other processes with this command line: each would run the sweep again.
                raise ValueError(f"trainer.devices={options.trainer.devices}: a sweep runs on one device a job")
            if jobs.setdefault(run_path(options), options) is not options:
                raise ValueError(f"two jobs of the sweep have the same folder, {run_path(options)}")
    return list(jobs.values())


def unknown_arms(jobs: list[RunOptions]) -> list[str]:
    """A line for each arm that a claim of ``jobs`` names and that is neither among them nor in the experiment's folder:
    another sweep may still bring it, or it is misspelt."""
    variants = {options.variant for options in jobs}
    for options in jobs:
        folder = run_path(options).parents[1]
        variants |= {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
    claims = dict.fromkeys(claim for options in jobs for claim in options.claims)
    return [
        f"claims.{position}.{key}={arm}: no arm of this sweep or of earlier runs, {', '.join(sorted(variants))}"
        for position, claim in enumerate(claims)
        for key, arm in (("treatment", claim.treatment), ("control", claim.control))
        if not any(f"{variant},".startswith(f"{arm},") for variant in variants)
    ]


class Sweep(Callback):
    """``hydra.callbacks``: check the jobs; from the first to the last, show the share of all images that were shown."""

    _bar: "_SweepBar | None" = None

    @override
    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        try:
            jobs = sweep_jobs(config)
            for options in jobs:
                RunDirectory(options).check(options.resume)
        except Exception as error:  # Hydra would turn it into a warning and go on
            sys.exit(f"error: {error}")
        if threading.current_thread() is threading.main_thread():
            # By default the process would end at once, and a launcher's workers go on with jobs that nobody awaits.
            signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        for line in unknown_arms(jobs):
            print(f"warning: {line}", file=sys.stderr)
        self._bar = _SweepBar(f"sweep {config.name}", [run_path(options) for options in jobs])

    @override
    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        if self._bar is not None:
            self._bar.close()

    def __getstate__(self) -> dict[str, Any]:
        return {}  # launchers send the callback to their workers; the bar stays


class _SweepBar:
    def __init__(self, title: str, folders: list[Path]) -> None:
        self._folders = folders
        form = "{desc}: {percentage:3.0f}%|{bar}| {n:.1f} of {total} runs [{elapsed}<{remaining}]{postfix}"
        self._bar = tqdm(total=len(folders), desc=title, bar_format=form)
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
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
