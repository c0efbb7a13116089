"""What of a run's config makes the science: how arms are told apart, and what a table says of them."""

from collections.abc import Mapping
from typing import Any

from aeaug.options import flat
from aeaug.run.identity.free import is_of_machine
from aeaug.run.options import idle_stages

__all__ = ["differing", "settings"]

# What makes the science, but for where data lie and on what machine.
_SECTIONS = (
    "data",
    "budget",
    "gan",
    "augmentation",
    "source",
    "filter",
    "schedule",
    "gate",
    "autoencoder",
    "perturbation",
    "trainer",
    "evaluation",
)
_SEEDS = ("data.subset_seed", "autoencoder.seed")
# An addition that a run does without is no setting of it.
_OFF = {("gan.spectral_norm", False), ("gan.dropout", 0), ("gate.name", "none")}


def settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that make the science, under dotted keys: not where a run is written, nor on what machine.

    An arm that injects nothing, or nothing that is decoded, uses neither autoencoder nor perturbation, whatever its
    config says of them. Seeds are what repeats an arm, and no setting; the subset that a seed chose is told by its
    hash.
    """
    names = ((config.get(group) or {}).get("name") for group in ("augmentation", "source"))
    unused = idle_stages(*names)
    found = {section: config[section] for section in _SECTIONS if section in config and section not in unused}
    kept = {key: value for key, value in flat(found).items() if not is_of_machine(key) and key not in _SEEDS}
    return {key: value for key, value in kept.items() if not any((key, value) == off for off in _OFF)}


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of each section that two arms with these :func:`settings` both use, the dotted keys in which they differ."""
    idle = {
        stage for arm in (one, other) for stage in idle_stages(arm.get("augmentation.name"), arm.get("source.name"))
    }
    found: dict[str, list[str]] = {}
    for key in sorted({*one, *other}):
        section = key.partition(".")[0]
        if section not in idle:
            found.setdefault(section, [])
            found[section] += [key] * (one.get(key) != other.get(key))
    return found
