"""What an arm is called, which is the name of its folder.

It is called after its ``arm=…`` and what tells the job from the file of its experiment (which without ``experiment=…``
is ``conf/train.yaml``) and from what all runs of the experiment share (:mod:`aeaug.sweep.composition.shared`). Neither
what it has no use for enters, nor what is the same without being typed; so one run has one name, however many others
there are.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from aeaug.options import MOST_BYTES
from aeaug.run.identity.free import makes_no_other
from aeaug.sweep.composition.config_values import NOWHERE, value_at
from aeaug.sweep.composition.once import composition
from aeaug.sweep.composition.overrides import CONF, is_group, key_and_value, key_of, word
from aeaug.sweep.composition.shared import Shared, read_shared

__all__ = ["STRATEGY", "Names", "constants", "variant_name"]

# Overrides that say where, when or which repetition, not what; what images are, typed or not, is whatever lies there.
UNNAMED = {"experiment", "name", "variant", "seed", "data.subset_seed", "data.content", "budget.extend", "trainer"}

STRATEGY = ("augmentation", "perturbation", "source")
"""What every arm says, and what an arm without another name is called after."""


def variant_name(overrides: Sequence[str]) -> str:
    """The name of ``overrides``: ``["data.n_train=100", "arm=none"]`` is ``none,data.n_train=100``; of nothing that
    matters it is ``default``."""
    named = [override.lstrip("+~") for override in overrides if _enters(override)]
    named = [_several(one) if "=[" in one else one for one in named]
    named.sort(key=lambda override: (not override.startswith("arm="), override))
    name = ",".join(override.removeprefix("arm=") for override in named) or "default"
    name = re.sub(r"[^\w.,=+-]", "_", name)
    if len(name.encode()) > MOST_BYTES:  # a folder's name has its limits
        kept = name.encode()[: MOST_BYTES - 17].decode(errors="ignore")  # whole characters
        name = f"{kept}.{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return name


def _several(override: str) -> str:
    """A list without its signs: a comma stands between the parts of a name, and not between what it lists. Several
    choices of a group make one run in whatever order they are typed; of other lists the order may matter."""
    key, _, listed = re.sub(r"[]\[\s]", "", override).partition("=")
    parts = listed.split(",")
    return f"{key}={'+'.join(sorted(parts) if is_group(override) else parts)}"


def constants(
    config: DictConfig, alternatives: Sequence[Sequence[str]], of_some: Collection[str] = ()
) -> dict[str, Any]:
    """What a sweep over ``alternatives``, a list for each key, sets to the same for all its jobs, of which ``config``
    is one; ``of_some``: keys that some of these jobs do not have, and that are not the same for all.

    Nothing where claims are stated and the sweep has both arms of none of them: a first sweep over a part of an
    experiment would else leave out of its arms' names what the claims call them by.
    """
    content: Any = OmegaConf.to_container(config, resolve=False)
    claims = content.get("claims")
    if isinstance(claims, list) and claims and not any(_brings(alternatives, claim, of_some) for claim in claims):
        return {}
    alone = [override for (override, *others) in alternatives if not others]
    alone = [one for one in alone if _enters(one) and key_of(one) not in ("arm", *of_some)]
    found = {override: _value(content, override) for override in alone}
    return {key_of(override): value for override, value in found.items() if value is not NOWHERE}


def _brings(alternatives: Sequence[Sequence[str]], claim: Any, of_some: Collection[str]) -> bool:
    """Whether jobs of a sweep are a claim's treatment, and others its control: what each of the two says is among the
    alternatives, and what only one says has others beside it, or is ``of_some``."""
    several = {
        override.lstrip("+").removeprefix("arm="): len(overrides) > 1 or key_of(override) in of_some
        for overrides in alternatives
        for override in overrides
    }
    arms = [claim.get(key) for key in ("treatment", "control")] if isinstance(claim, Mapping) else []
    parts = [set(arm.split(",")) - {"default"} for arm in arms if isinstance(arm, str)]
    if len(parts) < 2:
        return False
    treatment, control = parts
    return treatment | control <= several.keys() and all(several[part] for part in treatment ^ control)


class Names:
    """The names of jobs that one command composes."""

    def __init__(self, config_name: str, hydras: Sequence[str], proposed: Shared | None = None) -> None:
        """``hydras``: the command's overrides of Hydra itself; ``proposed``: what the runs of an experiment will share
        that has none yet."""
        self._config_name, self.hydras = config_name, tuple(hydras)
        self._proposed = Shared() if proposed is None else proposed
        self._known: dict[Path, Shared | None] = {}
        self._named: Counter[Path] = Counter()  # jobs, and of those the ones that have another value of a constant
        self._other: Counter[tuple[Path, str]] = Counter()

    def shared(self, experiment: Path) -> Shared | None:
        """What the runs in this folder share; None where an earlier version began them."""
        if experiment not in self._known:
            there = read_shared(experiment)
            if there is None and not _has_runs(experiment):
                there = self._proposed
            elif there is not None and there.threads is None:
                there = there.model_copy(update={"threads": self._proposed.threads})
            self._known[experiment] = there
        return self._known[experiment]

    def departures(self) -> list[str]:
        """A line for each experiment whose constants all the jobs that were named have otherwise."""
        found: dict[Path, list[str]] = {}
        for (experiment, key), jobs in self._other.items():
            if jobs == self._named[experiment] and (shared := self.shared(experiment)) is not None:
                found.setdefault(experiment, []).append(f"{key}={_word(shared.constants[key])}")
        return [
            f"{experiment.name} began with {' '.join(began)}: what is other here is in the names of arms"
            for experiment, began in found.items()
        ]

    def name(
        self, content: Mapping[str, Any], overrides: Sequence[str], experiment: Path, unused: Callable[[str], bool]
    ) -> str:
        """The name of the job with this ``content``, composed from ``overrides``, of the experiment in this folder;
        ``${…}`` in it is not looked up. ``unused``: whether it has no use for a dotted key."""
        shared = self.shared(experiment)
        if shared is None:
            return variant_name(overrides)
        typed = {key_of(override): override for override in overrides}  # the last of a key counts
        parts = [override for key, override in typed.items() if key == "arm"]
        others = {key: one for key, one in typed.items() if key != "arm" and _enters(one) and not unused(key)}
        for key in [*others, *(key for key in shared.constants if key not in typed and not unused(key))]:
            here = _value(content, others[key]) if key in others else self._left(content, key, typed)
            constant = key in shared.constants
            there = shared.constants[key] if constant else self._untyped(others[key], typed)
            if here == there or (_names_group(key) and _chosen(here) == _chosen(there)):
                continue
            if key in others:
                parts.append(others[key] if _as_typed(others[key], here) else f"{key}={_word(here)}")
            elif here is not NOWHERE:  # which it is where an arm has no such option
                parts.append(f"{key}={_word(here)}")
            self._other[experiment, key] += constant and here is not NOWHERE
        self._named[experiment] += 1
        return variant_name(parts or [one for key, one in others.items() if key in STRATEGY])

    def _untyped(self, override: str, typed: Mapping[str, str]) -> Any:
        """What a key would be that is typed, were it not."""
        key = key_of(override)
        if is_group(override):
            choices, _ = self._composed([one for name, one in typed.items() if name in ("experiment", "arm")])
            return choices.get(key)
        return value_at(self._composed([one for one in typed.values() if is_group(one)])[1], key)

    def _left(self, content: Mapping[str, Any], key: str, typed: Mapping[str, str]) -> Any:
        """What a key is that is not typed."""
        choices, _ = self._composed([one for one in typed.values() if is_group(one)])
        return choices[key] if key in choices else value_at(content, key)

    def _composed(self, overrides: Sequence[str]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return composition(self._config_name, (*self.hydras, *overrides))


def _names_group(key: str) -> bool:
    return Path(CONF, *key.split(".")).is_dir()


def _chosen(choice: Any) -> Any:
    """What is chosen of a group, in one form: several options may be a list or its text, in any order, one a list of
    one, and none an empty list or null."""
    if isinstance(choice, str) and choice.startswith("["):
        choice = [one for part in choice.strip("[]").split(",") if (one := part.strip())]
    if isinstance(choice, list | tuple):
        return sorted(choice) if len(choice) > 1 else next(iter(choice), None)
    return None if choice is NOWHERE else choice


def _as_typed(override: str, value: Any) -> bool:
    """Whether the name has what was typed, rather than the value that it led to."""
    return is_group(override) or value is NOWHERE or isinstance(value, Mapping)


def _enters(override: str) -> bool:
    key = key_of(override)
    return not (key in UNNAMED or makes_no_other(key) or override.startswith("hydra"))


def _has_runs(experiment: Path) -> bool:
    return experiment.is_dir() and any(entry.is_dir() for entry in experiment.iterdir())


def _value(content: Mapping[str, Any], override: str) -> Any:
    """What an override sets: of a group the choice, else the value that it led to."""
    key, value = key_and_value(override)
    if not is_group(override):
        return value_at(content, key)
    return None if value == "null" else value


def _word(value: Any) -> str:
    """A value as it is typed; numbers as short as they are exact."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, Collection) and not isinstance(value, str):
        return re.sub(r"['\"\s]", "", str(value))
    return word(value)
