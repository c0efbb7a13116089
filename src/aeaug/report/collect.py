"""From run directories to one experiment: arms grouped by training-set size, each arm holding its seeds.

Nothing is dropped on the way. A seed that one arm has and another lacks becomes a run whose state is
`missing`; running, failed and diverged runs keep their place in their arm. Only runs with the same
`data.n_train` stand in one group, and only arms of one group are ever compared.
"""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aeaug.report.comparability import require_comparable, settings
from aeaug.report.records import Metrics, Run, State, read_run
from aeaug.run.claims import arm_name

__all__ = ["Arm", "Experiment", "Group", "experiments", "read_experiment"]

_SEED = re.compile(r"^seed=(\d+)$")


@dataclass(frozen=True)
class Arm:
    """All seeds of one variant at one training-set size, in the order of their seeds.

    `shared` are the overrides, such as `data=mnist_5k`, that every variant of the experiment carries in its name.
    """

    variant: str
    n_train: int | None
    runs: tuple[Run, ...]
    shared: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What tells the arm from the others of its size: its variant without `data.n_train` and what all share."""
        parts = arm_name(self.variant).split(",")
        return ",".join(part for part in parts if part not in self.shared) or "default"

    @property
    def settings(self) -> dict[str, Any]:
        """What the arm does, in dotted keys."""
        return next((settings(run.config) for run in self.runs if run.config), {})

    @property
    def kind(self) -> str:
        """The same for arms that differ only in the size of their training set."""
        return str({key: value for key, value in self.settings.items() if key != "data.n_train"})

    def count(self, state: State) -> int:
        """Number of runs in that state."""
        return sum(run.state == state for run in self.runs)

    def test(self) -> dict[int, Metrics]:
        """Reported metrics by seed, of the runs that are done."""
        return {run.seed: run.test for run in self.runs if run.test is not None}

    def floors(self, name: str) -> dict[int, Metrics]:
        """One floor by seed, of the runs that are done and have it."""
        return {run.seed: floor for run in self.runs if (floor := run.floor(name)) is not None}


@dataclass(frozen=True)
class Group:
    """The arms trained on `n_train` images, the control first; None where nothing says which it is."""

    n_train: int | None
    arms: tuple[Arm, ...]
    control: Arm | None

    @property
    def size(self) -> str:
        """The size in words, also for files: the number of training images, or `all`."""
        return "all" if self.n_train is None else str(self.n_train)

    @property
    def treatments(self) -> tuple[Arm, ...]:
        """Every arm but the control; empty without a control."""
        return tuple(arm for arm in self.arms if arm is not self.control) if self.control else ()


@dataclass(frozen=True)
class Experiment:
    """Everything under `runs_dir/name`. `unplaced` are folders without a config, which belong to no arm."""

    name: str
    directory: Path
    groups: tuple[Group, ...]
    unplaced: tuple[Run, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs, the missing ones included, group by group and arm by arm."""
        placed = [run for group in self.groups for arm in group.arms for run in arm.runs]
        return (*placed, *self.unplaced)


def experiments(runs_dir: Path) -> list[str]:
    """Names of the experiments that have at least one run under `runs_dir`."""
    if not runs_dir.is_dir():
        return []
    return sorted(folder.name for folder in runs_dir.iterdir() if next(_run_folders(folder), None))


def read_experiment(runs_dir: Path, name: str, control: str | None = None) -> Experiment:
    """Read and group the runs of experiment `name`.

    `control` names the arm the others are compared against, as a variant or by its name without `data.n_train`; by
    default it is, in each group, the one arm whose `augmentation.name` is `none`. Where `n_train` is swept and variants
    carry it, the control of another group is the arm there whose settings are otherwise those of the named one.

    Raises `ValueError` for an unknown experiment, an unknown control, an unreadable file, two runs in one
    place, and runs that cannot be compared (see `comparability`).
    """
    directory = runs_dir / name
    folders = sorted(_run_folders(directory)) if name else []
    if not folders:
        known = ", ".join(experiments(runs_dir)) or "none"
        raise ValueError(f"no runs of experiment {name!r} in {runs_dir}; experiments there: {known}")
    runs = [read_run(folder, directory) for folder in folders]
    placed = [run for run in runs if run.config]
    _require_one_run_a_place(placed)
    require_comparable(name, placed)
    sizes = sorted({run.n_train for run in placed}, key=lambda n: math.inf if n is None else n)
    shared = _shared({arm_name(run.variant) for run in placed})
    groups = [_arms([run for run in placed if run.n_train == n_train], n_train, shared) for n_train in sizes]
    named = [arm for arms in groups for arm in arms if control in (arm.variant, arm.name)]
    if control is not None and not named:
        known = ", ".join(sorted({arm.name for arms in groups for arm in arms}))
        raise ValueError(f"control={control!r} is no arm of experiment {name!r}; its arms: {known}")
    return Experiment(
        name,
        directory,
        tuple(_group(arms, control, named) for arms in groups),
        tuple(run for run in runs if not run.config),
    )


def _run_folders(directory: Path) -> Iterator[Path]:
    return (path for path in directory.glob("**/seed=*") if path.is_dir() and _SEED.match(path.name))


def _shared(names: Collection[str]) -> frozenset[str]:
    """Overrides that every one of two or more names has in common."""
    if len(names) < 2:
        return frozenset()
    common = frozenset.intersection(*(frozenset(name.split(",")) for name in names))
    return frozenset(part for part in common if "=" in part)


def _arms(runs: Sequence[Run], n_train: int | None, shared: frozenset[str]) -> list[Arm]:
    seeds = sorted({run.seed for run in runs})
    arms = []
    for variant in sorted({run.variant for run in runs}, key=_natural):
        there = {run.seed: run for run in runs if run.variant == variant}
        parent = next(iter(there.values())).path.parent
        missing = {seed: Run(parent / f"seed={seed}", variant, seed, n_train, "missing") for seed in seeds}
        arms.append(Arm(variant, n_train, tuple(there.get(seed, missing[seed]) for seed in seeds), shared))
    return arms


def _group(arms: Sequence[Arm], control: str | None, named: Sequence[Arm]) -> Group:
    if control is None:
        found = [arm for arm in arms if arm.settings.get("augmentation.name") == "none"]
    else:
        found = [arm for arm in arms if arm in named] or [arm for arm in arms if arm.kind == named[0].kind]
    chosen = found[0] if len(found) == 1 else None
    return Group(arms[0].n_train, tuple(sorted(arms, key=lambda arm: arm is not chosen)), chosen)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key under which gaussian-2 stands before gaussian-10."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _require_one_run_a_place(runs: Sequence[Run]) -> None:
    seen: dict[tuple[str, int | None, int], Run] = {}
    for run in runs:
        other = seen.setdefault((arm_name(run.variant), run.n_train, run.seed), run)
        if other is not run:
            raise ValueError(f"two runs of variant={arm_name(run.variant)!r}, n_train={run.n_train}, seed={run.seed}: "
                             f"{other.path} and {run.path}; move one away")  # fmt: skip
