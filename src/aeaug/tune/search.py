"""A search, as it was asked for: from a trial's parameters to the options of its runs, checked before any work."""

import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from filelock import FileLock

from aeaug.installed import command
from aeaug.option_files import choices
from aeaug.options import require_folder_name, shown
from aeaug.run.claims import TUNING
from aeaug.run.folder.writable import require_writable
from aeaug.run.options import RunOptions
from aeaug.sweep.composition.command_line import meant
from aeaug.sweep.composition.composing import composed
from aeaug.sweep.composition.lacking import Job
from aeaug.sweep.composition.overrides import quoted, word
from aeaug.sweep.composition.used import require_used
from aeaug.sweep.plan.needed import require_what_they_need
from aeaug.tune.options import TuneOptions
from aeaug.tune.space import Space, Value, read_space

__all__ = ["Search", "asked", "overrides_with"]

OURS = {"seed": "tune.seeds", "variant": "tune.arms", "claims": "an experiment's file"}
OURS |= {"budget.extend": "budget.images"}
"""What a search sets itself, and what to say instead."""


@dataclass(frozen=True)
class Search:
    """``name``: its folders are ``<outputs>/tune/<name>`` and, of its runs, ``<outputs>/runs/tune-<name>``. ``base``:
    the overrides that all trials have; ``hydras``: of Hydra's own options; ``arms``: a study for each, of that name;
    ``readings``: of the validation slice, in a run of each arm."""

    options: TuneOptions
    name: str
    outputs: Path
    base: tuple[str, ...]
    hydras: tuple[str, ...]
    arms: tuple[str, ...]
    space: Space
    readings: Mapping[str, int]

    @property
    def folder(self) -> Path:
        """Where the journal and what was found are."""
        return self.outputs / "tune" / self.name

    @property
    def runs(self) -> Path:
        """Where the runs of all trials are."""
        return self.outputs / "runs" / f"tune-{self.name}"

    @property
    def journal(self) -> Path:
        """The file that all processes share."""
        return self.folder / "journal.log"

    def lock(self) -> FileLock:
        """Whoever asks for a trial, or changes what all share, holds this for a moment."""
        return FileLock(self.folder / ".lock")

    def parameters_of(self, arm: str) -> Space:
        """The part of the space that ``arm`` has, in one order, however its file has it."""
        return {key: one for key, one in sorted(self.space.items()) if one.arms is None or arm in one.arms}

    def run(self, arm: str, number: int, values: Mapping[str, Value], seed: int) -> RunOptions:
        """The options of the run with this ``seed`` in the arm's trial of this ``number``. Raises ``ValueError``."""
        return composed(self._overrides(arm, number, values, seed), self.hydras)

    def runs_of(self, arm: str, number: int) -> Path:
        """The folder of the runs of the arm's trial of this ``number``."""
        return self.runs / _variant(arm, number)

    def _overrides(self, arm: str, number: int, values: Mapping[str, Value], seed: int) -> list[str]:
        return [
            *self.typed(arm),
            *overrides_with(values),
            "evaluation.test=false",
            "claims=[]",
            "trainer.progress=false",
            f"name=tune-{self.name}",
            f"variant='{_variant(arm, number)}'",
            f"seed={seed}",
        ]

    def first_values(self, arm: str) -> dict[str, Value]:
        """The first example of each of its parameters, which go together."""
        return {key: one.examples()[0] for key, one in self.parameters_of(arm).items()}

    def typed(self, arm: str) -> list[str]:
        """What all trials of ``arm`` have, as it would be typed to ``train.py``."""
        return [*self.base, *([f"arm={arm}"] if self.options.arms is not None else [])]

    def command(self) -> str:
        """The command that this is the search of."""
        words = [f"tune.{key}={_word(value)}" for key, value in self.options.model_dump().items() if value is not None]
        return shlex.join([*command("tune").split(), *words, *map(_unquoted, self.base), *self.hydras])


def _variant(arm: str, number: int) -> str:
    return f"{arm},trial={number:04d}"


def asked(
    options: TuneOptions,
    name: str,
    outputs: Path,
    base: Sequence[str],
    hydras: Sequence[str] = (),
    swept: Mapping[str, Any] = MappingProxyType({}),
) -> Search:
    """The search with these ``options``, of this ``name``, over runs of ``base`` overrides; ``swept``: what their
    experiment sweeps over by itself.

    Every parameter is tried at its ends, or at each of its choices, in every arm that has it; nothing is trained, and
    nothing written. Raises ``ValueError``, a line for each thing that is wrong.
    """
    typed = {one.lstrip("+").partition("=")[0]: one for one in base}
    if lines := [f"{typed[key]}: a search has its own; see {instead}" for key, instead in OURS.items() if key in typed]:
        raise ValueError("\n".join(lines))
    if "evaluation.test" in typed and not re.search("=(false|off|no)$", typed["evaluation.test"], re.IGNORECASE):
        raise ValueError(f"{typed['evaluation.test']}: a search never looks at the test set")
    if options.arms is not None and "arm" in typed:
        raise ValueError(f"{typed['arm']}: tune.arms={','.join(options.arms)} says that; leave out one of them")
    space = read_space(options.space)
    if both := [key for key in space if key.replace("/", ".") in {one.replace("/", ".") for one in typed}]:
        raise ValueError("\n".join(f"{typed.get(key, key)}: tune.space searches over it" for key in both))
    arms = options.arms or (typed.get("arm", "arm=default").partition("=")[2],)
    if options.arms is not None and not any("hydra.searchpath" in one for one in hydras):  # there may be others there
        known = choices("arm")
        if missing := [arm for arm in arms if arm not in known]:
            raise ValueError(f"tune.arms={missing[0]}: no such arm; {meant(missing[0], known)}")
    for key, parameter in space.items():
        if unknown := sorted(set(parameter.arms or ()) - {*arms}):
            raise ValueError(f"tune.space: {key}.arms: {unknown[0]} is not searched, {', '.join(arms)} are")
    given = {*typed, "seed", *(["arm"] if options.arms else []), *(key.replace("/", ".") for key in space)}
    if open_ := [f"{key}={shown(value)}" for key, value in swept.items() if key.replace("/", ".") not in given]:
        raise ValueError(f"{typed['experiment']}: it sweeps over {', '.join(open_)}; choose one, or search over it")
    require_folder_name("name", f"tune-{name}")
    base = tuple(one for one in base if not one.startswith("evaluation.test="))
    search = Search(options, name, outputs, base, tuple(hydras), tuple(arms), space, readings={})
    require_writable(search.folder, str(outputs))
    jobs = [one for arm in arms for one in _examples(search, arm)]
    readings: dict[str, int] = {}
    for arm, run, _ in jobs:
        count = math.ceil(run.epochs / run.evaluation.every)
        if readings.setdefault(arm, count) != count:
            raise ValueError(
                f"budget.match={run.budget.match}: trials of {arm} would be of different lengths over this space, "
                "and their curves could not be compared"
            )
    require_used([Job(run, [*search.typed(arm), *given]) for arm, run, given in jobs])
    require_what_they_need([run for _, run, _ in jobs])
    return replace(search, readings=readings)


def _examples(search: Search, arm: str) -> list[tuple[str, RunOptions, list[str]]]:
    """Runs of ``arm`` that have each example of each parameter, with what is typed for that. Raises ``ValueError`` for
    a parameter that the arm does not use."""
    parameters = search.parameters_of(arm)
    if not parameters:
        raise ValueError(f"tune.arms={arm}: no parameter of the space is one of its; each names other arms")
    examples = {key: one.examples() for key, one in parameters.items()}
    found = []
    for place in range(max(map(len, examples.values()))):
        values = {key: some[min(place, len(some) - 1)] for key, some in examples.items()}
        run = search.run(arm, 0, values, search.options.seeds[0])
        if run.debug:
            raise ValueError(
                "debug=true: its numbers mean nothing, and a search goes by them; --dry-run says what would be "
                f"searched, and {command('train')} debug=true tries a run"
            )
        if run.data.subset_seed not in TUNING:
            subset, (first, *_, last) = run.data.subset_seed, TUNING
            raise ValueError(f"data.subset_seed={subset}: subsets {first} to {last} are kept for tuning")
        if run.budget.extend is not None:
            raise ValueError(f"budget.extend={run.budget.extend}: the runs of a search end at budget.images")
        if run.trainer.devices > 1:
            raise ValueError(f"trainer.devices={run.trainer.devices}: a search has one device a run")
        found.append((arm, run, overrides_with(values)))
    try:
        require_used([Job(run, given) for _, run, given in found])
    except ValueError as error:
        hint = "where only some arms have it, its line in tune.space names them, arms: […]"
        raise ValueError("\n".join(f"{line}; {hint}" for line in str(error).splitlines())) from None
    return found


def overrides_with(values: Mapping[str, Value]) -> list[str]:
    """``values`` as they are typed."""
    return [f"{key}={_word(value)}" for key, value in values.items()]


def _word(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(_word, value))
    text = word(value)
    plain = not isinstance(value, str) or re.fullmatch(r"[\w./+-]*", text)
    return text if plain else quoted(text)


def _unquoted(override: str) -> str:
    """As it was typed: names are quoted for Hydra (:mod:`aeaug.sweep.composition.command_line`)."""
    return re.sub(r"^([\w.]+)='([\w.,=+/-]*)'$", r"\1=\2", override)
