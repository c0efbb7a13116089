"""What overrides compose, once in a process: composing takes a third of a second, and a plan, the names of its jobs and
what is published ask for the same again and again."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any

from hydra import compose
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf

__all__ = ["composition", "fresh"]

_MOST = 256  # of a few hundred kilobytes each


def composition(config_name: str, overrides: Sequence[str]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What ``overrides`` compose: the choices of groups, dotted, and the values, of which ``${…}`` is not looked up;
    not to be changed."""
    return _read(config_name, tuple(overrides), _search_path())


def fresh(config_name: str, overrides: Sequence[str], *, hydra: bool = False) -> DictConfig:
    """The config that ``overrides`` compose, with or without Hydra's own node, as a copy that may be changed."""
    whole, own = _composed(config_name, tuple(overrides), _search_path())
    return deepcopy(whole if hydra else own)


@lru_cache(maxsize=_MOST)
def _read(
    config_name: str, overrides: tuple[str, ...], where: tuple[str, ...]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    whole, own = _composed(config_name, overrides, where)
    chosen: Any = OmegaConf.to_container(whole.hydra.runtime.choices)
    values: Any = OmegaConf.to_container(own, resolve=False)
    return {key.replace("/", "."): value for key, value in chosen.items()}, values


@lru_cache(maxsize=_MOST)
def _composed(config_name: str, overrides: tuple[str, ...], _where: tuple[str, ...]) -> tuple[DictConfig, DictConfig]:
    """With Hydra's own node, and without."""
    whole = compose(config_name, list(overrides), return_hydra_config=True)
    own = OmegaConf.masked_copy(whole, [str(key) for key in whole if key != "hydra"])
    OmegaConf.set_struct(own, True)  # as Hydra gives it: no key is added unseen
    return whole, own


def _search_path() -> tuple[str, ...]:
    """Where option files are looked for: elsewhere, the same names are others."""
    path = GlobalHydra.instance().config_loader().get_search_path().get_path()
    return tuple(f"{one.provider}={one.path}" for one in path)
