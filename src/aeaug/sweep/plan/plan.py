"""A sweep's plan: the checked options of all its jobs, before the first of them starts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra import compose
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, RangeSweep
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from aeaug.options import shown
from aeaug.run.folders import experiment_of, run_path
from aeaug.sweep.composition.composition import compose_options, names_of, overrides_of
from aeaug.sweep.composition.lacking import Job, kept, lacking
from aeaug.sweep.composition.naming import constants
from aeaug.sweep.composition.once import fresh
from aeaug.sweep.composition.overrides import is_of_some, key_of
from aeaug.sweep.composition.shared import Shared
from aeaug.sweep.composition.used import require_used
from aeaug.sweep.launchers import threads_each

if TYPE_CHECKING:
    from aeaug.run.claims import Claim
    from aeaug.run.options import RunOptions

__all__ = ["Plan", "combinations", "own_params", "plan_of", "unknown_arms"]

MOST_JOBS = 10_000  # checking them takes minutes
SIZE = "data.n_train"


@dataclass(frozen=True)
class Plan:
    """``jobs``: the checked options of every run, by its folder; ``shared``: by the folder of each experiment, what its
    runs were named by, None where an earlier version began them; ``departures``: what is to be said of names."""

    jobs: "dict[Path, RunOptions]"
    shared: dict[Path, Shared | None]
    departures: list[str]


def plan_of(config: DictConfig, *, sound: bool = True, spelt: Callable[[int], None] | None = None) -> Plan:
    """The plan of the sweep that ``config``, with its ``hydra`` node, describes.

    Jobs that differ in nothing that they have a use for are one run. Without ``sound`` nothing is asked of their
    claims: other sweeps, of which there are no runs here, may bring what those need. ``spelt`` is called with the
    number of jobs when all that is typed is known to be spelt right, before the values are looked at.

    Raises ``ValueError``, in one line for each thing that is wrong, when there is none or there are too many, when one
    is wrong, when two would write into the same folder, for options that none of them uses, and for
    claims that the sweep cannot decide.
    """
    params = own_params(config.hydra)
    arguments = [f"{key}={value}" for key, value in params.items()] + overrides_of(config.hydra)
    parsed = _parsed(arguments)
    _require_countable(parsed)
    alternatives = _alternatives(parsed)
    for values in alternatives:
        if twice := [value for value, count in Counter(values).items() if count > 1]:
            raise ValueError(f"{twice[0].lstrip('+')}: it stands there twice, and would be the same run")
    _require_no_sweep_of_several(config, alternatives)
    hydras: Any = OmegaConf.to_container(config.hydra.overrides.hydra)
    every = _combinations(alternatives)
    lacks = [lacking(job, config.hydra.job.config_name, hydras) for job in every]
    composed = _composed(config, [kept(job, without) for job, without in zip(every, lacks, strict=True)])
    first = next(composed)
    alike = constants(first[0], alternatives, {key for without in lacks for key in without})
    names = names_of(config.hydra, Shared(constants=alike, threads=threads_each(config.hydra.launcher)))
    # Nothing is misspelt: now it is worth importing what checks the values.
    if spelt is not None:
        spelt(len(every))
    from aeaug.data.by_content.stored import looked_through_once

    jobs: dict[Path, RunOptions] = {}
    given: dict[Path, list[Job]] = {}
    with looked_through_once():
        for (job, overrides), typed, without in zip(chain([first], composed), every, lacks, strict=True):
            options = compose_options(job, overrides, names)
            given.setdefault(run_path(options), []).append(Job(options, typed, without))
            if options.trainer.devices > 1:
                # Lightning starts the other processes with this command line: each would run the sweep again.
                raise ValueError(f"trainer.devices={options.trainer.devices}: a sweep runs on one device a job")
            jobs.setdefault(run_path(options), options)
    for folder, those in given.items():
        if len(those) > 1:
            _require_one_run(folder, those)
    require_used(job for those in given.values() for job in those)
    from aeaug.sweep.plan.together import require_together

    several = require_together(jobs.values())
    if sound:  # all values are right: now it is worth importing what reads the tables of runs
        from aeaug.sweep.plan.soundness import require_sound

        require_sound(jobs.values(), sweep=True, announced=_sizes(params))
    shared = {experiment: names.shared(experiment) for experiment in set(map(experiment_of, jobs))}
    return Plan(jobs, shared, [*names.departures(), *several])


def combinations(arguments: Sequence[str]) -> list[list[str]]:
    """The overrides of each job of a sweep, in the order in which they start, from what is swept over and what is
    typed."""
    return _combinations(_alternatives(_parsed(arguments)))


def own_params(hydra: Any) -> dict[str, Any]:
    """What the experiment's file sweeps over, of a ``hydra`` node, but for keys that are typed with a sign, which to
    Hydra's sweeper are others."""
    typed = {key_of(override) for override in overrides_of(hydra) if override.startswith("++")}
    return {key: value for key, value in (hydra.sweeper.get("params") or {}).items() if key_of(key) not in typed}


def _require_one_run(folder: Path, jobs: Sequence[Job]) -> None:
    """Raise ``ValueError`` unless ``jobs``, which have the same folder, differ only in what they have no use for."""
    from aeaug.run.identity.identity import science
    from aeaug.run.options import is_unused, unused

    (first, typed, _), *others = jobs
    for options, overrides, without in others:
        differing = {override.partition("=")[0] for override in set(typed) ^ set(overrides)}
        reasons = {**unused(options), **without}
        idle = all(is_unused(key_of(key), reasons) for key in differing)
        if not differing or not idle or science(options) != science(first):
            same = differing and science(options) == science(first)
            why = f": {', '.join(sorted(differing))} makes no other run" if same else ""
            raise ValueError(f"two jobs of the sweep have the same folder, {folder}{why}")


def unknown_arms(jobs: "Collection[RunOptions]") -> str | None:
    """A line with the arms that claims of ``jobs`` name and that are neither among them nor in the experiment's folder:
    another sweep may still bring them, or they are misspelt. None where there are all, and where some claim has both of
    its arms nothing of those that have neither: such a sweep is not about them."""
    from aeaug.run.claims import is_named
    from aeaug.run.variant import arm_name

    variants = {options.variant for options in jobs}
    for options in jobs:
        folder = experiment_of(run_path(options))
        variants |= {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
    claims = dict.fromkeys(claim for options in jobs for claim in options.claims)

    def absent(claim: "Claim") -> dict[str, str]:
        arms = {"treatment": claim.treatment, "control": claim.control}
        return {key: arm for key, arm in arms.items() if not any(is_named(variant, arm) for variant in variants)}

    unknown = [absent(claim) for claim in claims]
    whole = any(not arms for arms in unknown)
    missing: dict[str, list[str]] = {}
    for position, arms in enumerate(unknown):
        for key, arm in arms.items() if len(arms) < 2 or not whole else ():
            missing.setdefault(arm, []).append(f"claims.{position}.{key}={arm}")
    named = [one[0] + f" (and in {len(one) - 1} more)" * (len(one) > 1) for one in missing.values()]
    there = ", ".join(sorted({arm_name(variant) for variant in variants}))
    return f"{', '.join(named)}: no arm of this sweep or of earlier runs, {there}" if named else None


def _sizes(params: Mapping[str, Any]) -> list[Any]:
    """The sizes of the training set that the experiment's file sweeps over, of which a part may be typed."""
    if (given := params.get(SIZE)) is None:
        return []
    (override,) = _parsed([f"{SIZE}={given}"])
    return list(override.sweep_iterator()) if override.is_sweep_override() else [override.value()]


def _parsed(arguments: Sequence[str]) -> list[Override]:
    # What a pattern (glob) stands for, only what loads the options knows.
    return OverridesParser.create(config_loader=GlobalHydra.instance().config_loader()).parse_overrides(list(arguments))


def _alternatives(overrides: Sequence[Override]) -> list[list[str]]:
    """What each key is set to, in the order of the jobs of Hydra's sweeper; the last override of a key counts."""
    swept = {}
    for override in overrides:
        key = override.get_key_element()
        values = (
            override.sweep_string_iterator() if override.is_sweep_override() else [override.get_value_element_as_str()]
        )
        swept[key] = [f"{key}={value}" for value in values]
    return list(swept.values())


def _combinations(alternatives: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(job) for job in product(*alternatives)]


def _require_no_sweep_of_several(config: DictConfig, alternatives: Sequence[Sequence[str]]) -> None:
    """Of several experiments at once Hydra reads what each is, and not what each sweeps over. Raises ``ValueError``, in
    one line, where one of them has more of that than is typed."""
    given = {key_of(values[0]) for values in alternatives}
    hydras: Any = OmegaConf.to_container(config.hydra.overrides.hydra)
    for values in alternatives:
        if len(values) < 2 or key_of(values[0]) != "experiment":
            continue
        for value in values:
            own = compose(config.hydra.job.config_name, [*hydras, value], return_hydra_config=True).hydra.sweeper
            if open_ := [key for key in own.get("params") or {} if key not in given]:
                raise ValueError(
                    f"{value}: it has a sweep of its own, over {', '.join(open_)}, which is not read beside another "
                    f"experiment; a command each, or choose {' '.join(f'{key}=…' for key in open_)}"
                )


def _composed(config: DictConfig, jobs: Sequence[Sequence[str]]) -> "Iterator[tuple[DictConfig, Sequence[str]]]":
    """Config, until the next is asked for, and overrides of each of ``jobs``.

    Jobs with the same choices of option files are composed once, and the values that they set besides are replaced in
    that, which Hydra does last too. Where one of them is no value of these choices, it is Hydra's to refuse.
    """
    name: str = config.hydra.job.config_name
    hydras: Any = OmegaConf.to_container(config.hydra.overrides.hydra)
    texts = list(dict.fromkeys(text for job in jobs for text in job))
    parsed = dict(zip(texts, _parsed(texts), strict=True))
    values = {text for text, override in parsed.items() if _replaces_a_value(text, override, config)}
    known: dict[tuple[str, ...], DictConfig] = {}
    there: dict[tuple[str, ...], dict[str, str]] = {}  # of those, what sets each value now
    for job in jobs:
        choices = tuple(text for text in job if text not in values)
        if choices not in known:
            known[choices] = fresh(name, [*hydras, *choices])
            if not all(_has(known[choices], parsed[text].key_or_group) for text in job if text in values):
                known[choices] = compose(name, [*hydras, *job])
        set_by = there.setdefault(choices, {})
        for text in job:
            if text in values and set_by.get(key := parsed[text].key_or_group) != text:
                OmegaConf.update(known[choices], key, parsed[text].value(), merge=True)
                set_by[key] = text
        yield known[choices], job


def _replaces_a_value(text: str, override: Override, config: DictConfig) -> bool:
    """Whether ``text``, read as ``override``, sets a value that ``config`` has, and does not choose an option file."""
    key, value = override.key_or_group, override.value()
    plain = not (override.is_add() or override.is_delete() or override.package)
    if not plain or "/" in key or isinstance(value, dict | list):
        return False
    if override.is_force_add():
        return is_of_some(text)  # of a job that has it
    return _has(config, key)


def _has(config: DictConfig, key: str) -> bool:
    """Whether there is a value at a dotted ``key``, and no node of several."""
    parent, _, name = key.rpartition(".")
    node = OmegaConf.select(config, parent) if parent else config
    return isinstance(node, DictConfig) and name in node and not OmegaConf.is_config(node._get_node(name))


def _require_countable(overrides: Sequence[Override]) -> None:
    """Raise ``ValueError`` for a sweep without jobs, and for one with too many of them, before they are listed."""
    swept = {override.get_key_element(): override for override in overrides}  # the last of a key counts
    counts = {}
    for key, override in swept.items():
        typed = shown((override.input_line or key).lstrip("+"))
        try:
            counts[typed] = sum(1 for _ in islice(_elements(override), MOST_JOBS + 1))
        except (HydraException, ValueError, ArithmeticError) as error:
            raise ValueError(f"{typed}: no values to sweep over ({' '.join(str(error).split())})") from None
        if not counts[typed]:
            raise ValueError(f"{typed}: there is no value in it, so the sweep would have no job")
    if prod(counts.values()) > MOST_JOBS:
        many = ", ".join(typed for typed, count in counts.items() if count > 1)
        raise ValueError(f"{many}: more than {MOST_JOBS:,} jobs, which is the most of a sweep")


def _elements(override: Override) -> Iterator[Any]:
    """The values of an override, one by one: what it sweeps over may be longer than memory."""
    if not override.is_sweep_override():
        return iter([None])
    value = override.value()
    return iter(value.range()) if isinstance(value, RangeSweep) else override.sweep_string_iterator()
