"""From what Hydra composed to the checked options of a run."""

import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from hydra import compose
from omegaconf import DictConfig, OmegaConf

from aeaug.faults import Fault
from aeaug.option_files import choices
from aeaug.options import choice_of, shown
from aeaug.run.folders import experiment_of, run_path
from aeaug.sweep.composition.config_values import a_line_a_value, as_composed, with_references
from aeaug.sweep.composition.naming import STRATEGY, Names, variant_name
from aeaug.sweep.composition.overrides import key_and_value, word
from aeaug.sweep.composition.shared import Shared
from aeaug.sweep.composition.used import OF_SOME

if TYPE_CHECKING:  # PyTorch takes a second to import: only when what Hydra composed is worth checking
    from aeaug.run.options import RunOptions
    from aeaug.run.recommended import Recommendation

__all__ = ["compose_options", "names_of", "overrides_of"]


def overrides_of(job: Any) -> list[str]:
    """The overrides of ``job``, a ``hydra`` node, as they were typed: ``${…}`` in them is not looked up."""
    overrides: Any = OmegaConf.to_container(job.overrides.task, resolve=False)
    return list(overrides)


def names_of(hydra: Any, proposed: Shared | None = None) -> Names:
    """How the jobs of a command are named, from its ``hydra`` node; ``proposed``: what they share where their
    experiment has not said that yet."""
    hydras: Any = OmegaConf.to_container(hydra.overrides.hydra)
    return Names(hydra.job.config_name, hydras, proposed)


def compose_options(config: DictConfig, overrides: Sequence[str], names: Names | None = None) -> "RunOptions":
    """Check what Hydra composed from the job's ``overrides``, and name it: by what tells it from others (``names``), or
    after all ``overrides``.

    Raises ``ValueError`` with one line for each thing that is wrong, naming its key and value.
    """
    from aeaug.run.options import parse_options

    if _is_auto(config):
        config, overrides, recommendation = _looked_up(config, overrides, names)
    else:
        recommendation = None
    content = as_composed(config, overrides)
    values = with_references(content, config, overrides)
    if "experiment" in values:  # the group of that name has no place of its own
        typed = next((override for override in overrides if override.startswith("experiment=")), "experiment")
        raise ValueError(f"{typed}: its file does not begin with the line # @package _global_, so it sets no option")
    nameless = values["variant"] is None
    if nameless:
        values["variant"] = variant_name(overrides)
    with a_line_a_value(config):
        try:
            options = parse_options(values)
        except Fault:
            raise
        except ValueError as error:
            raise ValueError("\n".join(_by_choice(str(error).splitlines(), overrides))) from None
    if recommendation is not None:
        from aeaug.run.identity.settings import settings
        from aeaug.run.recommended import BY_SIZE

        own = {key: word(value) for key, value in settings(options.model_dump(mode="json")).items()}
        recommendation.require_same(own, [key for key in BY_SIZE if OmegaConf.select(config, key) == "auto"])
        _say(recommendation.words)
    if options.debug:
        from aeaug.run.debug import in_small

        options = in_small(options)
    return options if names is None else _in_experiment(options, content, overrides, names, nameless)


def _is_auto(config: DictConfig) -> bool:
    """Whether the augmentation is looked up."""
    return "augmentation" in config and config.augmentation.get("name") == "auto"


def _looked_up(
    config: DictConfig, overrides: Sequence[str], names: Names | None
) -> "tuple[DictConfig, list[str], Recommendation]":
    """The config with the arm that is recommended for its size, its overrides as if that had been typed, and what is
    recommended. Raises ``ValueError`` where there is none, and for what is typed beside it."""
    from aeaug.run.recommended import recommended

    given = dict(key_and_value(override) for override in overrides)
    for key in ("arm", *STRATEGY, *OF_SOME):
        if key in given and key != "augmentation":
            raise ValueError(f"{key}={shown(given[key])}: augmentation=auto says that; leave out one of them")
    found = recommended(choice_of(config.data), config.data.get("n_train"))
    others = [override for override in overrides if key_and_value(override)[0] != "augmentation"]
    typed = [*found.overrides, *others]
    composed = compose("train", [*(() if names is None else names.hydras), *typed])
    if _is_auto(composed):
        raise ValueError("augmentation=auto: an option file chooses it; type it on the command line")
    return composed, typed, found


@cache
def _say(line: str) -> None:
    """Once in a process, however many jobs a sweep has."""
    print(line, file=sys.stderr)


def _in_experiment(
    options: "RunOptions", content: Mapping[str, Any], overrides: Sequence[str], names: Names, nameless: bool
) -> "RunOptions":
    """With what the runs of the experiment share, and the name that tells this one from them."""
    from aeaug.run.options import is_unused, unused

    experiment = experiment_of(run_path(options))
    shared, found = names.shared(experiment), dict[str, Any]()
    if options.trainer.threads is None and shared is not None and shared.threads is not None:
        found["trainer"] = options.trainer.model_copy(update={"threads": shared.threads})
    if nameless:
        idle = unused(options)
        found["variant"] = names.name(content, overrides, experiment, lambda key: is_unused(key, idle) is not None)
    return options.model_copy(update=found)


def _by_choice(lines: Sequence[str], overrides: Sequence[str]) -> list[str]:
    """What is wrong, with one line for a typed key that says of what kind a group's options are, in place of those for
    what the kind lacks or does not have: the choice of that name has all that belongs to it."""
    from aeaug.run.options import RunOptions

    left, typed = list(lines), dict(key_and_value(override) for override in overrides)
    for key, value in typed.items():
        group, _, last = key.partition(".")
        if last not in ("name", "network") or group not in RunOptions.model_fields:
            continue
        wrong = re.compile(rf"{group}\.(\w+)(=.*)?: (it is missing|no such option.*)$")
        others = [line for line in left if (found := wrong.match(line)) and f"{group}.{found[1]}" not in typed]
        if others and value in choices(group):
            left = [line for line in left if line not in others]
            left.append(f"{key}={value}: it is chosen by {group}={value}, with all the options that belong to it")
    return left
