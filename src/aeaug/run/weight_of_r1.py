"""Whether a run's baseline is a tuned one: its weight of R1 beside those that were best in tuning, in words."""

from collections.abc import Mapping
from typing import Any

from aeaug.autoencoder.options import AutoencoderOptions
from aeaug.autoencoder.steps import chosen_steps
from aeaug.data.sets import DATA_SETS
from aeaug.gan.tuned import tuned_r1_gamma
from aeaug.options import choice_of, flat, validated

__all__ = ["is_tuned", "weight_of_r1"]

_AS = ", as "
_WORDS = "tuned for the arm that injects nothing", "tuned for the arm itself"


def weight_of_r1(config: Mapping[str, Any]) -> str:
    """The weight in a run's ``config``, as ``config.yaml`` has it, and how it compares with what
    :mod:`aeaug.gan.tuned` knows of its size and budget; empty where the config has none."""
    values = flat(config)
    data = DATA_SETS.get(choice_of(config.get("data") or {}))
    gamma, n_train = values.get("gan.r1_gamma"), values.get("data.n_train") or (data and data.pool)
    if not isinstance(gamma, int | float) or not isinstance(n_train, int):
        return ""
    if values.get("autoencoder.steps") == _steps(config, n_train):
        values["autoencoder.steps"] = None  # as it was typed: auto
    known = {
        words: found
        for words, own in zip(_WORDS, (False, True), strict=True)
        if (found := _tuned(values, n_train, own))
    }
    for words, found in known.items():
        if found == gamma:
            return f"{gamma:g}{_AS}{words}"
    words, found = next(iter(known.items()), ("", 0.0))
    return f"{gamma:g}, where {found:g} is the one {words}" if known else f"{gamma:g}, of which nothing was tuned here"


def is_tuned(words: str) -> bool:
    """Whether that is said of a weight that is a tuned one."""
    return _AS in words


def _tuned(values: Mapping[str, Any], n_train: int, own: bool) -> float | None:
    try:
        return tuned_r1_gamma(values, n_train, own)
    except ValueError:
        return None


def _steps(config: Mapping[str, Any], n_train: int) -> int | None:
    name = choice_of(config.get("data") or {})
    try:
        return chosen_steps(validated(AutoencoderOptions, config.get("autoencoder") or {}), n_train, name)
    except ValueError:
        return None
