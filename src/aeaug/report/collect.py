"""From run directories to one experiment: arms grouped by training-set size, each arm holding its seeds.

Nothing is dropped on the way. A seed that one arm has and another lacks becomes a run whose state is `missing`; running,
failed and diverged runs keep their place in their arm. Only runs with the same `data.n_train` stand in one group, and
only arms of one group are ever compared.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aeaug.report.comparability import require_comparable
from aeaug.report.records import Metrics, Run, State, read_run

__all__ = ["Arm", "Experiment", "Group", "experiments", "read_experiment"]

_SEED = re.compile(r"^seed=(\d+)$")


@dataclass(frozen=True)
class Arm:
    """All seeds of one variant at one training-set size, in the order of their seeds."""

    variant: str
    n_train: int
    runs: tuple[Run, ...]

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
    """The arms trained on `n_train` images, the control first. `control` is None where nothing says which it is."""

    n_train: int
    arms: tuple[Arm, ...]
    control: Arm | None

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

    `control` names the arm the others are compared against; by default it is, in each group, the one arm whose
    `augmentation.name` is `none`. Where `n_train` is swept and variants carry it in their names, the control of another
    group is the arm there whose settings are otherwise those of the named one.

    Raises `ValueError` for an unknown experiment, an unknown control, an unreadable file, two runs in one place, and
    runs that cannot be compared (see `comparability`).
    """
    directory = runs_dir / name
    folders = sorted(_run_folders(directory)) if name else []
    if not folders:
        known = ", ".join(experiments(runs_dir)) or "none"
        raise ValueError(f"no runs of experiment {name!r} in {runs_dir}; experiments there: {known}")
    runs = [read_run(folder, directory) for folder in folders]
    placed = [run for run in runs if run.n_train is not None]
    _require_one_run_a_place(placed)
    require_comparable(name, placed)

    groups = []
    for n_train in sorted({run.n_train for run in placed if run.n_train is not None}):
        groups.append(_arms([run for run in placed if run.n_train == n_train], n_train))
    named = [arm for arms in groups for arm in arms if arm.variant == control]
    if control is not None and not named:
        known = ", ".join(sorted({arm.variant for arms in groups for arm in arms}))
        raise ValueError(f"control={control!r} is no arm of experiment {name!r}; its arms: {known}")
    return Experiment(
        name,
        directory,
        tuple(_group(arms, control, named) for arms in groups),
        tuple(run for run in runs if run.n_train is None),
    )


def _run_folders(directory: Path) -> Iterable[Path]:
    return (path for path in directory.glob("**/seed=*") if path.is_dir() and _SEED.match(path.name))


def _arms(runs: Sequence[Run], n_train: int) -> list[Arm]:
    seeds = sorted({run.seed for run in runs})
    arms = []
    for variant in sorted({run.variant for run in runs}, key=_natural):
        by_seed = {run.seed: run for run in runs if run.variant == variant}
        parent = next(iter(by_seed.values())).path.parent
        complete = [
            by_seed.get(seed) or Run(parent / f"seed={seed}", variant, seed, n_train, "missing") for seed in seeds
        ]
        arms.append(Arm(variant, n_train, tuple(complete)))
    return arms


def _group(arms: Sequence[Arm], control: str | None, named: Sequence[Arm]) -> Group:
    if control is None:
        found = [arm for arm in arms if _setting(arm, "augmentation", "name") == "none"]
    else:
        found = [arm for arm in arms if arm.variant == control] or [
            arm for arm in arms if _settings(arm) == _settings(named[0])
        ]
    chosen = found[0] if len(found) == 1 else None
    ordered = sorted(arms, key=lambda arm: arm is not chosen)
    return Group(arms[0].n_train, tuple(ordered), chosen)


def _config(arm: Arm) -> Mapping[str, Any]:
    return next((run.config for run in arm.runs if run.config), {})


def _setting(arm: Arm, section: str, key: str) -> Any:
    return (_config(arm).get(section) or {}).get(key)


def _settings(arm: Arm) -> dict[str, Any]:
    return {section: _config(arm).get(section) for section in ("autoencoder", "perturbation", "augmentation", "gan")}


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key under which gaussian-2 stands before gaussian-10."""
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _require_one_run_a_place(runs: Sequence[Run]) -> None:
    seen: dict[tuple[str, int | None, int], Run] = {}
    for run in runs:
        other = seen.setdefault((run.variant, run.n_train, run.seed), run)
        if other is not run:
            raise ValueError(f"two runs of variant={run.variant!r}, n_train={run.n_train}, seed={run.seed}: "
                             f"{other.path} and {run.path}; move one away")  # fmt: skip
