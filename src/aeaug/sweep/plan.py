"""A sweep's plan: the checked options of all its jobs, before the first of them starts."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

from aeaug.sweep.composition import compose_options

if TYPE_CHECKING:
    from aeaug.run.options import RunOptions

__all__ = ["sweep_jobs", "unknown_arms"]


def sweep_jobs(config: DictConfig) -> "dict[Path, RunOptions]":
    """Return folder and checked options of every job of the sweep that ``config``, with its ``hydra`` node, describes.

    Raises ``ValueError`` when one of them is wrong, when two would write into the same folder, or when one may not.
    """
    params = config.hydra.sweeper.get("params") or {}
    arguments = [f"{key}={value}" for key, value in params.items()] + list(config.hydra.overrides.task)
    loader = GlobalHydra.instance().config_loader()
    parsed = OverridesParser.create(config_loader=loader).parse_overrides(arguments)
    batches = BasicSweeper.split_arguments(parsed, max_batch_size=None)
    composed = [loader.load_sweep_config(config, list(overrides)) for batch in batches for overrides in batch]
    # Nothing is misspelt: now it is worth importing what checks the values.
    from aeaug.run.folder import RunFolder, run_path

    jobs: dict[Path, RunOptions] = {}
    for job in composed:
        options = compose_options(job, list(job.hydra.overrides.task))
        if options.trainer.strategy != "auto" and options.trainer.devices > 1:
            # Lightning starts the other processes with this command line: each would run the sweep again.
            raise ValueError(f"trainer.devices={options.trainer.devices}: a sweep runs on one device a job")
        if jobs.setdefault(run_path(options), options) is not options:
            raise ValueError(f"two jobs of the sweep have the same folder, {run_path(options)}")
    for options in jobs.values():
        RunFolder(options).check(options.resume)
    return jobs


def unknown_arms(jobs: "Collection[RunOptions]") -> list[str]:
    """A line for each arm that a claim of ``jobs`` names and that is neither among them nor in the experiment's folder:
    another sweep may still bring it, or it is misspelt."""
    from aeaug.run.folder import run_path

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
