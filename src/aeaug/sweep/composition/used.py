"""That what is typed makes a difference: to a single run, or to some run of a sweep."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from aeaug.options import shown
from aeaug.sweep.composition.lacking import Job
from aeaug.sweep.composition.naming import STRATEGY
from aeaug.sweep.composition.overrides import CONF, key_and_value

__all__ = ["OF_SOME", "require_chosen", "require_used"]

OF_SOME: tuple[str, ...] = ("filter", "schedule", "gan.loss", "gan.penalty", "gan.view", "gan.pseudo")
OF_SOME += ("gan.r1_schedule", "gan.penalty_schedule", "gan.view_schedule", "gan.pseudo_schedule")
"""What some arms say, besides the strategy."""


def require_chosen(swept: Mapping[str, Any], overrides: Sequence[str]) -> None:
    """Check that a single run says which one it is of its experiment, which has values for the keys ``swept``.

    Without them it would be an arm by itself in that experiment's folder. Raises ``ValueError`` in one line.
    """
    given = dict(key_and_value(override) for override in overrides)
    if open_ := [key for key in swept if key not in given]:
        values = ", ".join(f"{key}={shown(swept[key])}" for key in open_)
        choice = " ".join(f"{key}=…" for key in open_)
        raise ValueError(f"experiment={given.get('experiment')}: it sweeps over {values}; add -m, or choose {choice}")


def require_used(jobs: Iterable[Job]) -> None:
    """Check that the overrides of each of ``jobs``, all of a sweep or the one of a single run, make a difference.

    What one job ignores may be meant for another. Raises ``ValueError``, with a line for each option that none of them
    uses, and for an arm beside another injection or perturbation: its folder would be called after both.
    """
    from aeaug.options import flat
    from aeaug.run.options import is_unused, unused

    ignored: dict[str, str] = {}
    used: set[str] = set()
    for options, overrides, lacking in jobs:
        reasons = {**unused(options), **lacking}
        given = dict(key_and_value(override) for override in overrides)
        arm = given.get("arm", "null")
        if said := [key for key in (*STRATEGY, *OF_SOME) if key in given and _chosen_by(arm, key)]:
            raise ValueError(f"{said[0]}={shown(given[said[0]])}: arm={shown(arm)} says that; leave out one of them")
        switched = _set_by(arm)
        values = flat(options.model_dump()) if switched else {}
        for key, value in switched.items():
            if key in given and bool(values[key]) != bool(value):  # on where the arm has it off, or off
                raise ValueError(
                    f"{key}={shown(given[key])}: arm={shown(arm)} has {key}={shown(value)}; leave out one of them"
                )
        for key, value in given.items():
            reason = is_unused(key, reasons)
            if reason is None:
                used.add(key)
            else:
                ignored.setdefault(key, f"{key}={shown(value)}: {reason}")
    if lines := [line for key, line in ignored.items() if key not in used]:
        raise ValueError("\n".join(lines))


@lru_cache
def _set_by(arm: str) -> dict[str, Any]:
    """The numbers that the arm's option file sets besides what it chooses, dotted keys with their values."""
    from aeaug.options import flat

    file = Path(CONF, "arm", f"{arm}.yaml")
    content: Any = OmegaConf.to_container(OmegaConf.load(file), resolve=False) if file.is_file() else {}
    return {key: value for key, value in flat(content).items() if isinstance(value, bool | int | float)}


def _chosen_by(arm: str, key: str) -> bool:
    """Whether the arm's option file chooses of the group that has the dotted ``key``."""
    file = Path(CONF, "arm", f"{arm}.yaml")
    return file.is_file() and f"override /{key.replace('.', '/')}:" in file.read_text()
