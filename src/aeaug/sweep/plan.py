"""A sweep's plan: the checked options of all its jobs, before the first of them starts."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, RangeSweep
from hydra.errors import HydraException
from omegaconf import DictConfig

from aeaug.options import shown
from aeaug.sweep.composition import compose_options, overrides_of, require_used

if TYPE_CHECKING:
    from aeaug.run.options import RunOptions

__all__ = ["sweep_jobs", "unknown_arms"]

MOST_JOBS = 10_000  # composing them takes minutes


def sweep_jobs(config: DictConfig) -> "dict[Path, RunOptions]":
    """Return folder and checked options of every job of the sweep that ``config``, with its ``hydra`` node, describes.

    Raises ``ValueError``, in one line for each thing that is wrong, when there is none or there are too many, when one
    is wrong, when two would write into the same folder or one may not, for options that none of them uses, and for
    claims that the sweep cannot decide.
    """
    params = config.hydra.sweeper.get("params") or {}
    arguments = [f"{key}={value}" for key, value in params.items()] + overrides_of(config.hydra)
    loader = GlobalHydra.instance().config_loader()
    parsed = OverridesParser.create(config_loader=loader).parse_overrides(arguments)
    _require_countable(parsed)
    batches = BasicSweeper.split_arguments(parsed, max_batch_size=None)
    composed = [loader.load_sweep_config(config, list(overrides)) for batch in batches for overrides in batch]
    # Nothing is misspelt: now it is worth importing what checks the values.
    from aeaug.run.folder import RunFolder, run_path

    jobs: dict[Path, RunOptions] = {}
    given: list[tuple[RunOptions, Sequence[str]]] = []
    for job in composed:
        overrides = overrides_of(job.hydra)
        options = compose_options(job, overrides)
        given.append((options, overrides))
        if options.trainer.devices > 1:
            # Lightning starts the other processes with this command line: each would run the sweep again.
            raise ValueError(f"trainer.devices={options.trainer.devices}: a sweep runs on one device a job")
        if jobs.setdefault(run_path(options), options) is not options:
            raise ValueError(f"two jobs of the sweep have the same folder, {run_path(options)}")
    require_used(given)
    # All values are right: now it is worth importing what reads the tables of runs.
    from aeaug.sweep.soundness import require_sound

    require_sound(jobs.values(), sweep=True)
    for options in jobs.values():
        RunFolder(options).check(options.resume)
    return jobs


def unknown_arms(jobs: "Collection[RunOptions]") -> list[str]:
    """A line for each arm that a claim of ``jobs`` names and that is neither among them nor in the experiment's folder:
    another sweep may still bring it, or it is misspelt."""
    from aeaug.run.claims import is_named
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
        if not any(is_named(variant, arm) for variant in variants)
    ]


def _require_countable(overrides: Sequence[Override]) -> None:
    """Raise ``ValueError`` for a sweep without jobs, and for one with too many of them, before they are listed."""
    swept = {override.get_key_element(): override for override in overrides}  # the last of a key counts
    counts = {}
    for key, override in swept.items():
        typed = shown(override.input_line or key)
        try:
            counts[typed] = sum(1 for _ in islice(_elements(override), MOST_JOBS + 1))
        except (HydraException, ValueError, ArithmeticError) as error:
            raise ValueError(f"{typed}: no values to sweep over ({' '.join(str(error).split())})") from None
        if not counts[typed]:
            raise ValueError(f"{typed}: there is no value in it, so the sweep would have no job")
    if prod(counts.values()) > MOST_JOBS:
        many = ", ".join(typed for typed, count in counts.items() if count > 1)
        raise ValueError(f"{many}: more than {MOST_JOBS:,} jobs, which is the most of a sweep")


def _elements(override: Override) -> Iterator[Any]:
    """The values of an override, one by one: what it sweeps over may be longer than memory."""
    if not override.is_sweep_override():
        return iter([None])
    value = override.value()
    return iter(value.range()) if isinstance(value, RangeSweep) else override.sweep_string_iterator()
