"""What overrides come to that were not typed by anybody: values, jobs of a sweep, what these have in common."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra import compose
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from aeaug.sweep.composition.command_line import with_signs
from aeaug.sweep.composition.composing import hydra
from aeaug.sweep.composition.hydra_errors import HYDRAS, in_one_line
from aeaug.sweep.composition.naming import constants
from aeaug.sweep.composition.once import fresh
from aeaug.sweep.composition.overrides import key_of
from aeaug.sweep.plan.plan import plan_of

if TYPE_CHECKING:
    from aeaug.run.options import RunOptions

__all__ = ["as_read", "common_of", "jobs_of", "values_of"]


def values_of(key: str, overrides: Sequence[str], hydras: Sequence[str] = ()) -> Any:
    """The plain value of a dotted ``key``, also of Hydra's own options, with these ``overrides``. Raises
    ``ValueError``, in one line."""
    try:
        with hydra():
            config = compose("train", [*hydras, *overrides], return_hydra_config=True)
            found = OmegaConf.select(config, key)
            return OmegaConf.to_container(found, resolve=True) if OmegaConf.is_config(found) else found
    except HYDRAS as error:
        raise ValueError(in_one_line(error, overrides)) from None


def as_read(overrides: Sequence[str]) -> dict[str, Any]:
    """The value of each of ``overrides`` by its dotted key, as Hydra's grammar reads it: however a number is
    written."""
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    return {key_of(typed): one.value() for typed, one in zip(overrides, parsed, strict=True)}


def jobs_of(overrides: Sequence[str], hydras: Sequence[str] = ()) -> "dict[Path, RunOptions]":
    """The checked options of all jobs of the sweep that is typed so, by the folders of their runs. Raises
    ``ValueError``, a line for each thing that is wrong."""
    try:
        with hydra():
            chosen = [one for one in overrides if one.startswith("experiment=")]
            config = fresh("train", [*hydras, *chosen], hydra=True)
            config.hydra.overrides.task = with_signs(overrides)
            config.hydra.overrides.hydra = list(hydras)
            return dict(plan_of(config, sound=False).jobs)
    except HYDRAS as error:
        raise ValueError(in_one_line(error, overrides)) from None


def common_of(overrides: Sequence[str], hydras: Sequence[str] = ()) -> dict[str, Any]:
    """What is in no name of a run where all of an experiment are typed with these ``overrides``."""
    with hydra():
        return constants(compose("train", [*hydras, *overrides]), [[one] for one in overrides])
