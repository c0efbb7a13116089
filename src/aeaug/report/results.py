"""The table of many runs, read as arms: all seeds of what was done, side by side at one size of the training set.

Nothing is dropped on the way. A seed and subset that one arm has and another lacks become a run whose state is
``missing``; running, failed and diverged runs keep their place in their arm. Only runs on equally many training images
stand in one group, and only arms of one group are ever compared.

Several experiments stand in one family, as if they were one, where their GANs, budgets and data agree as they do within
one experiment; a run that stands in two of them counts once. Otherwise each family has groups of its own.
"""

import math
import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NoReturn

import pandas as pd

from aeaug.evaluation.leading_metric import leading_metric
from aeaug.evaluation.metric import Metric
from aeaug.report.arms import Arm, Group, spaces_of
from aeaug.run.identity.comparability import require_comparable
from aeaug.run.metrics import METRICS, TIMED
from aeaug.run.options import STAGES
from aeaug.run.records import RunRecord, records
from aeaug.run.table import COLUMNS
from aeaug.run.variant import in_common, stripped

__all__ = ["Results", "results_of"]

_FD = METRICS["frechet_distance"]
# Where these are equal somewhere between two experiments, they are of one family.
_BASIS = ("data.", "budget.", "gan.")
_STAGES = tuple(f"{stage}." for stage in ("augmentation", *STAGES))
_ADDED = (
    "gan.view.",
    "gan.view_schedule.",
    "gan.penalty.",
    "gan.penalty_schedule.",
    "gan.pseudo.",
    "gan.pseudo_schedule.",
    "gan.spectral_norm",
    "gan.dropout",
)  # to a GAN, by rivals of augmentation


@dataclass(frozen=True, eq=False)
class Results:
    """The ``table``, its arms' names shortened and ``group`` the place of each row's group, and what it comes to.

    ``families``: the experiments of each.
    """

    table: pd.DataFrame
    groups: tuple[Group, ...]
    families: Mapping[str, tuple[str, ...]]

    @cached_property
    def runs(self) -> tuple[RunRecord, ...]:
        """All runs, the missing ones included, group by group and arm by arm."""
        return tuple(run for group in self.groups for arm in group.arms for run in arm.runs)

    @cached_property
    def spaces(self) -> tuple[str, ...]:
        """The feature spaces that any run was measured in, the leading one, which all have in common, first."""
        return spaces_of(self.runs)

    def distance(self, space: str) -> Metric:
        """The distance that leads in ``space`` (:mod:`aeaug.evaluation.leading_metric`): FD, unless a run has too few
        images for its features. Of the package's nets, which have few, it is not asked."""
        few = [
            found
            for run in self.runs
            if (features := run.counts.get(f"num_features.{space}"))
            if (images := run.counts.get("data.n_test"))
            if (found := leading_metric(int(images), int(features))).key != _FD.key
        ]
        return few[0] if few else _FD

    def title(self, group: Group) -> str:
        """What tells a group from the others."""
        return f"{group.size} images" if len(self.families) == 1 else f"{group.family}, {group.size} images"

    def words(self, key: str) -> list[str]:
        """What the runs' records say under ``key``, each once."""
        return list(dict.fromkeys(run.words[key] for run in self.runs if key in run.words))


def results_of(table: pd.DataFrame, control: str | None = None) -> Results:
    """Read ``table`` as arms.

    ``control`` names the arm that the others are compared with; by default it is, in each group, the one arm that
    injects nothing. Raises ``ValueError`` for an unknown control, and for runs that cannot be compared.
    """
    runs = list(records(table))
    families = _families([run for run in runs if run.settings])
    short = _shortened(runs, families)
    runs = [replace(run, arm=stripped(run.arm, short[run.experiment])) for run in runs if run.experiment in short]
    named = None if control is None else _named(control, runs, short)
    if control is not None and not named:
        known = ", ".join(sorted({run.arm for run in runs}))
        raise ValueError(f"control={control!r} is no arm of {' + '.join(families)}; its arms: {known}")
    groups: list[Group] = []
    for family, members in families.items():
        here = _once([run for run in runs if run.experiment in members])
        require_comparable(family, [run for run in here if run.settings])
        for n_train in sorted({run.n_train for run in here}, key=lambda n: math.inf if n is None else n):
            groups.append(_group(family, n_train, [run for run in here if run.n_train == n_train], named))
    kept = [(run.experiment, run.arm, run.n_train, run.subset, run.seed, place)
            for place, group in enumerate(groups) for arm in group.arms for run in arm.runs]  # fmt: skip
    key = ["experiment", "arm", "n_train", "subset", "seed"]
    of = pd.DataFrame(kept, columns=[*key, "group"]).astype({name: COLUMNS[name] for name in key})
    called = {
        (experiment, arm): stripped(arm, short.get(experiment, frozenset()))
        for experiment, arm in table[["experiment", "arm"]].drop_duplicates().itertuples(index=False, name=None)
    }
    names = [called[pair] for pair in zip(table["experiment"], table["arm"], strict=True)]
    named_table = table.assign(arm=pd.Series(names, index=table.index, dtype=COLUMNS["arm"]))
    return Results(named_table.merge(of, on=key), tuple(groups), families)


def _shortened(runs: Sequence[RunRecord], families: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """What tells nothing in the names of each experiment's arms. It is that of its family: another family may lack it,
    and the claims of this one, which are written without it, would find no arm."""
    short: dict[str, frozenset[str]] = {}
    for members in families.values():
        here = [run for run in runs if run.experiment in members]
        short |= dict.fromkeys(members, _short({run.arm for run in here if run.settings}) - _claimed(here))
    return short


def _named(control: str, runs: Sequence[RunRecord], short: Mapping[str, frozenset[str]]) -> list[dict[str, str]]:
    """The settings, but for the size, of the arms that are called ``control``."""
    # with or without the size, which a folder's name carries and an arm's does not
    parts = {part for part in control.split(",") if not part.startswith("data.n_train=")}
    wanted = {experiment: (parts - shared) or {"default"} for experiment, shared in short.items()}
    return [_without(run.settings, "data.n_train") for run in runs if set(run.arm.split(",")) == wanted[run.experiment]]


def _short(names: Collection[str]) -> frozenset[str]:
    """What all names have in common. A name alone keeps it where there is nothing else in it."""
    shared = in_common(names)
    alone = [name for name in names if stripped(name, shared) == "default"]
    return frozenset() if len(names) == 1 and alone else shared


def _claimed(runs: Sequence[RunRecord]) -> frozenset[str]:
    """What claims call their arms by: without it they would not find them."""
    claims = {statement.claim for run in runs for statement in run.statements}
    return frozenset(part for claim in claims for arm in (claim.treatment, claim.control) for part in arm.split(","))


def _families(runs: Sequence[RunRecord]) -> dict[str, tuple[str, ...]]:
    """Each experiment joins the first family with which it has a value in common under every key of the basis."""
    found: list[tuple[list[str], dict[str, set[str]]]] = []
    for experiment in dict.fromkeys(run.experiment for run in runs):
        held = defaultdict(set)
        for key, value in {item for run in runs if run.experiment == experiment for item in run.settings.items()}:
            if key.startswith(_BASIS) and key != "data.n_train":
                held[key].add(value)
        homes = [home for home in found if all(home[1][key] & held[key] for key in home[1].keys() & held.keys())]
        members, basis = homes[0] if homes else ([], {})
        members.append(experiment)
        basis |= {key: values | basis.get(key, set()) for key, values in held.items()}
        if not homes:
            found.append((members, basis))
    return {" + ".join(members): tuple(members) for members, _ in found}


def _once(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Of runs that stand in several experiments, the first that is done or diverged, which is a run of them all.

    Raises ``ValueError``, in one line, where what has one name is not one run, or came to another end: which of them
    counts would be for the order of the experiments to decide.
    """
    found: dict[Hashable, list[RunRecord]] = defaultdict(list)
    for run in runs:
        found[run.arm, run.n_train, run.key].append(run)
    chosen = []
    for those in found.values():
        for other in those[1:]:
            _require_one_run(those[0], other)
        ended = [run for run in those if run.state in ("done", "diverged")]
        for other in ended[1:]:
            _require_one_end(ended[0], other)
        run = (ended or those)[0]
        others = tuple(other for other in those if other is not run)
        chosen.append(replace(run, elsewhere=others) if others else run)
    return chosen


def _require_one_run(first: RunRecord, other: RunRecord) -> None:
    if first.settings and other.settings and first.settings != other.settings:
        name = min({name for name, _ in first.settings.items() ^ other.settings.items()})
        _refuse(first, other, name, first.settings.get(name, "unused"), other.settings.get(name, "unused"))


def _require_one_end(first: RunRecord, other: RunRecord) -> None:
    if first.state != other.state:
        _refuse(first, other, "its state", first.state, other.state)
    for place in sorted(first.numbers.keys() & other.numbers.keys()):
        one, two = first.numbers[place], other.numbers[place]
        if place[1] not in TIMED and one != two and not (math.isnan(one) and math.isnan(two)):
            _refuse(first, other, " ".join(word for word in place if word), f"{one:.9g}", f"{two:.9g}")


def _refuse(first: RunRecord, other: RunRecord, what: str, one: str, two: str) -> NoReturn:
    raise ValueError(
        f"{first.label}: in {first.experiment} {what} is {one}, in {other.experiment} {two}; these are two reports"
    )


def _group(
    family: str, n_train: int | None, runs: Sequence[RunRecord], named: Sequence[Mapping[str, str]] | None
) -> Group:
    keys = sorted({run.key for run in runs})
    arms = []
    for name in sorted({run.arm for run in runs}, key=_natural):
        there = {run.key: run for run in runs if run.arm == name}
        home = next(iter(there.values())).experiment
        every = (there.get(key) or RunRecord(home, name, n_train, *key, "missing") for key in keys)
        arms.append(Arm(name, n_train, tuple(every)))
    controls = _controls(arms, named)
    chosen = {arm.name for arm in controls.values()}
    return Group(family, n_train, tuple(sorted(arms, key=lambda arm: arm.name not in chosen)), controls)


def _controls(arms: Sequence[Arm], named: Sequence[Mapping[str, str]] | None) -> dict[str, Arm]:
    """By default an arm is compared with the one to which nothing is added; of several, with that of the same GAN.

    An arm that injects is compared with one that has the same views and penalties, where there is one; what all arms
    have of those is no addition.
    """
    known = [set(arm.settings.items()) for arm in arms if arm.settings]
    shared = set.intersection(*known) if known else set()
    own = {arm.name: {key for key in arm.settings if key.startswith(_ADDED)} for arm in arms}
    rivals = {arm.name for arm in arms if any((key, arm.settings[key]) not in shared for key in own[arm.name])}
    plain = [arm for arm in arms if arm.settings.get("augmentation.name") == "none"]
    if named is not None:
        found = [arm for arm in arms if _without(arm.settings, "data.n_train") in named]
    else:
        found = [arm for arm in plain if arm.name not in rivals]
    gans = {arm.name: _without(arm.settings, *_STAGES) for arm in arms}
    bare = {arm.name: _without(arm.settings, *_STAGES, *_ADDED) for arm in arms}
    controls = {}
    for arm in arms:
        same = [other for other in plain if other is not arm and gans[other.name] == gans[arm.name]]
        alike = found if len(found) == 1 else [other for other in found if bare[other.name] == bare[arm.name]]
        if named is None and arm not in plain and len(same) == 1:
            alike = same
        if arm not in found and len(alike) == 1:
            controls[arm.name] = alike[0]
    return controls


def _without(settings: Mapping[str, str], *stages: str) -> dict[str, str]:
    return {key: value for key, value in settings.items() if not key.startswith(stages)}


def _natural(name: str) -> list[Any]:
    """Sort key under which gaussian-2 stands before gaussian-10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", name)]
