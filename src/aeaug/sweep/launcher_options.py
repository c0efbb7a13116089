"""Whether a launcher has the options that it was given. Hydra lets ``+`` add any, and the plugin fails of it later."""

import dataclasses
import inspect
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from omegaconf import DictConfig, OmegaConf

from aeaug.faults import one_line
from aeaug.options import shown
from aeaug.sweep.composition.command_line import meant

__all__ = ["require_options"]


def require_options(launcher: DictConfig, name: str) -> None:
    """Raise ``ValueError``, a line each, for options of ``hydra/launcher=<name>`` that its plugin does not have."""
    wrong = [*_unknown(launcher, "hydra.launcher", name), *_of_ray(launcher, name)]
    if wrong:
        raise ValueError("\n".join(wrong))


def _unknown(node: DictConfig, place: str, name: str) -> Iterator[str]:
    """What the plugin's own schema does not have; what is free there, as a dictionary, is its own matter."""
    schema = OmegaConf.get_type(node)
    if not dataclasses.is_dataclass(schema):
        return
    known = [one.name for one in dataclasses.fields(schema) if not one.name.startswith("_")]
    written: Any = OmegaConf.to_container(node, resolve=False)
    for key in written:
        if key.startswith("_"):  # Hydra's own
            continue
        if key not in known:
            yield _line(place, key, written[key], name, known)
        elif isinstance(written[key], dict):
            yield from _unknown(node[key], f"{place}.{key}", name)


def _of_ray(launcher: DictConfig, name: str) -> Iterator[str]:
    """What ``ray.init`` and ``ray.remote`` would refuse of what is passed on to them."""
    if "hydra_ray_launcher" not in str(launcher.get("_target_")) or find_spec("ray") is None:
        return
    given: Any = OmegaConf.to_container(launcher, resolve=False)
    options = given.get("ray") or {}
    ray = import_module("ray")
    known = [key for key in inspect.signature(ray.init).parameters if key != "kwargs"]
    for key in options.get("init") or {}:
        if key not in known and not key.startswith("_"):
            yield _line("hydra.launcher.ray.init", key, options["init"][key], name, known)
    for key, value in (options.get("remote") or {}).items():
        try:
            ray.remote(**{key: value})(_nothing)
        except (TypeError, ValueError) as error:  # in its words: it knows ranges too
            yield f"hydra.launcher.ray.remote.{key}={shown(value)}: hydra/launcher={name}: {one_line(error, 120)}"


def _nothing() -> None:
    """What Ray is asked about."""


def _line(place: str, key: str, value: object, name: str, known: Sequence[str]) -> str:
    return f"{place}.{key}={shown(value)}: hydra/launcher={name} has no such option; {meant(key, known, f'{place}.')}"
