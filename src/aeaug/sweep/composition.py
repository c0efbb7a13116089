"""From what Hydra composed to checked options."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra import compose
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from aeaug.faults import Fault
from aeaug.options import choice_of, shown
from aeaug.sweep.naming import STRATEGY, Names, variant_name
from aeaug.sweep.overrides import CONF, key_and_value, word
from aeaug.sweep.shared import Shared

if TYPE_CHECKING:  # PyTorch takes a second to import: only when what Hydra composed is worth checking
    from aeaug.library.dataset_options import DatasetOptions
    from aeaug.report.options import ReportOptions
    from aeaug.run.again.options import ReevaluationOptions
    from aeaug.run.again.sampling_options import SamplingOptions
    from aeaug.run.options import RunOptions
    from aeaug.run.recommended import Recommendation
    from aeaug.sweep.status.options import StatusOptions

__all__ = [
    "compose_dataset",
    "compose_options",
    "compose_reevaluation",
    "compose_report",
    "compose_sampling",
    "compose_status",
    "names_of",
    "overrides_of",
    "require_chosen",
    "require_used",
    "unresolved",
]

NO_RUNS = ("hydra", "advise")
"""Of a config, what none of its runs knows of."""

OF_SOME: tuple[str, ...] = ("filter", "schedule", "gan.loss", "gan.penalty", "gan.view", "gan.pseudo")
OF_SOME += ("gan.r1_schedule", "gan.penalty_schedule")
"""What some arms say, besides the strategy."""


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
    values = _values(config, overrides)
    if "experiment" in values:  # the group of that name has no place of its own
        typed = next((override for override in overrides if override.startswith("experiment=")), "experiment")
        raise ValueError(f"{typed}: its file does not begin with the line # @package _global_, so it sets no option")
    nameless = values["variant"] is None
    if nameless:
        values["variant"] = variant_name(overrides)
    with _a_line_a_value(config):
        try:
            options = parse_options(values)
        except Fault:
            raise
        except ValueError as error:
            raise ValueError("\n".join(_by_choice(str(error).splitlines(), overrides))) from None
    if recommendation is not None:
        from aeaug.run.rows import settings

        own = {key: word(value) for key, value in settings(options.model_dump(mode="json")).items()}
        recommendation.require_same(own)
        _say(recommendation.words)
    if options.debug:
        from aeaug.run.debug import in_small

        options = in_small(options)
    return options if names is None else _in_experiment(options, config, overrides, names, nameless)


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
    options: "RunOptions", config: DictConfig, overrides: Sequence[str], names: Names, nameless: bool
) -> "RunOptions":
    """With what the runs of the experiment share, and the name that tells this one from them."""
    from aeaug.run.folder import run_path
    from aeaug.run.options import is_unused, unused

    experiment = run_path(options).parents[1]
    shared, found = names.shared(experiment), dict[str, Any]()
    if options.trainer.threads is None and shared is not None and shared.threads is not None:
        found["trainer"] = options.trainer.model_copy(update={"threads": shared.threads})
    if nameless:
        idle = unused(options)
        found["variant"] = names.name(config, overrides, experiment, lambda key: is_unused(key, idle) is not None)
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
        if others and value in {file.stem for file in Path(CONF, group).glob("*.yaml")}:
            left = [line for line in left if line not in others]
            left.append(f"{key}={value}: it is chosen by {group}={value}, with all the options that belong to it")
    return left


@contextmanager
def _a_line_a_value(config: DictConfig) -> Iterator[None]:
    """Have a ``ValueError`` do without the lines of keys that take their value from another key with a line."""
    try:
        yield
    except Fault:
        raise
    except ValueError as error:
        raise ValueError("\n".join(_of_its_own(config, str(error).splitlines()))) from None


def _of_its_own(config: DictConfig, lines: Sequence[str]) -> list[str]:
    from aeaug.options import flat

    typed: Any = OmegaConf.to_container(config, resolve=False)
    written, wrong = flat(typed), {line: line.partition("=")[0] for line in lines}
    taken = {f"${{{key}}}" for key in wrong.values()}
    return [_of_its_source(line, key, written) for line, key in wrong.items() if str(written.get(key)) not in taken]


def _of_its_source(line: str, key: str, written: Mapping[str, Any]) -> str:
    """Nobody typed a ``key`` that has its value from another, which alone can be set right."""
    source = re.fullmatch(r"\$\{([\w.]+)\}", str(written.get(key)))
    return f"{source[1]}{line.removeprefix(key)} (it is {key} too)" if source else line


def compose_reevaluation(config: DictConfig, overrides: Sequence[str]) -> "ReevaluationOptions":
    """The same for ``scripts/evaluate.py``."""
    from aeaug.run.again.options import parse_reevaluation

    with _a_line_a_value(config):
        return parse_reevaluation(_values(config, overrides), overrides)


def compose_dataset(config: DictConfig, overrides: Sequence[str]) -> "DatasetOptions":
    """The same for ``scripts/augment.py``."""
    from aeaug.library.dataset_options import parse_dataset

    with _a_line_a_value(config):
        return parse_dataset(_values(config, overrides), overrides)


def compose_sampling(config: DictConfig, overrides: Sequence[str]) -> "SamplingOptions":
    """The same for ``scripts/sample.py``."""
    from aeaug.run.again.sampling_options import parse_sampling

    return parse_sampling(_values(config, overrides))


def compose_report(config: DictConfig, overrides: Sequence[str]) -> "ReportOptions":
    """The same for ``scripts/report.py``."""
    from aeaug.report.options import parse_report

    return parse_report(_values(config, overrides))


def compose_status(config: DictConfig, overrides: Sequence[str]) -> "StatusOptions":
    """The same for ``scripts/status.py``."""
    from aeaug.sweep.status.options import parse_status

    return parse_status(_values(config, overrides))


def require_chosen(swept: Mapping[str, Any], overrides: Sequence[str]) -> None:
    """Check that a single run says which one it is of its experiment, which has values for the keys ``swept``.

    Without them it would be an arm by itself in that experiment's folder. Raises ``ValueError`` in one line.
    """
    given = dict(key_and_value(override) for override in overrides)
    if open_ := [key for key in swept if key not in given]:
        values = ", ".join(f"{key}={shown(swept[key])}" for key in open_)
        choice = " ".join(f"{key}=…" for key in open_)
        raise ValueError(f"experiment={given.get('experiment')}: it sweeps over {values}; add -m, or choose {choice}")


def require_used(jobs: "Iterable[tuple[RunOptions, Sequence[str]]]") -> None:
    """Check that the ``overrides`` of each of ``jobs``, all of a sweep or the one of a single run, make a difference.

    What one job ignores may be meant for another. Raises ``ValueError``, with a line for each option that none of them
    uses, and for an arm beside another injection or perturbation: its folder would be called after both.
    """
    from aeaug.options import flat
    from aeaug.run.options import is_unused, unused

    ignored: dict[str, str] = {}
    used: set[str] = set()
    for options, overrides in jobs:
        reasons, given = unused(options), dict(key_and_value(override) for override in overrides)
        arm = given.get("arm", "null")
        for key in (*STRATEGY, *(key for key in OF_SOME if _chosen_by(arm, key))):
            if key in given and arm != "null":
                raise ValueError(
                    f"{key}={shown(given[key])}: arm={shown(given['arm'])} says that; leave out one of them"
                )
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


def unresolved(error: OmegaConfBaseException, overrides: Sequence[str]) -> str:
    """One line for a reference among the ``overrides``, or elsewhere, that leads nowhere."""
    # OmegaConf does not always say where the reference stands.
    where = error.full_key or ", ".join(override for override in overrides if "${" in override)
    what = str(error.msg or error).partition("\n")[0]
    return f"{where}: {what}" if where else what


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


def _values(config: DictConfig, overrides: Sequence[str]) -> dict[str, Any]:
    try:
        of_run = [str(key) for key in config if key not in NO_RUNS]
        own = OmegaConf.masked_copy(config, of_run) if len(of_run) < len(config) else config
        values: Any = OmegaConf.to_container(own, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ValueError(unresolved(error, overrides)) from None
    assert isinstance(values, dict)
    return values
