"""What is typed for all jobs of a sweep, where some of them have no such option: it is for the others.

``arm=append_gaussian,consistency_gaussian augmentation.weight=1``: an arm that appends has no such weight. Hydra would
refuse the key in the first job without it, so the command line has it add keys that only some of a group's option files
have (:func:`aeaug.sweep.composition.command_line.for_hydra`); of a job whose option files lack one, it is no option.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from aeaug.sweep.composition.command_line import having, only
from aeaug.sweep.composition.config_values import NOWHERE, value_at
from aeaug.sweep.composition.once import composition
from aeaug.sweep.composition.overrides import is_group, is_of_some, key_of

if TYPE_CHECKING:
    from aeaug.run.options import RunOptions

__all__ = ["Job", "kept", "lacking"]


class Job(NamedTuple):
    """A run's ``options`` and the ``overrides`` that were typed for it, of which it has no such option as those keys
    of ``lacking``, each with the reason."""

    options: "RunOptions"
    overrides: Sequence[str]
    lacking: Mapping[str, str] = {}


def lacking(overrides: Sequence[str], config_name: str = "train", hydras: Sequence[str] = ()) -> dict[str, str]:
    """The dotted keys that ``overrides`` would add to what their choices compose, each with who has it. ``hydras``:
    overrides of Hydra itself."""
    added = [key_of(one) for one in overrides if is_of_some(one)]
    if not added:
        return {}
    chosen = tuple(one for one in overrides if is_group(one))
    _, there = composition(config_name, (*hydras, *chosen))
    missing = [key for key in added if value_at(there, key) is NOWHERE]
    return {key: only(choices) for key in missing if (choices := having(key, "train"))}


def kept(overrides: Sequence[str], without: Mapping[str, str]) -> list[str]:
    """The ``overrides`` of other keys."""
    return [one for one in overrides if key_of(one) not in without]
