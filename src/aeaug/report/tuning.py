r"""Tables of a tuning: which value of an option has the smallest validation FD, by size of the training set and budget.

A run's curve tells every budget up to its own, for nothing in a training depends on where it will end. A cell is the
geometric mean over subsets of the Fréchet distance of the averaged generator on the validation slice, at the end of
that budget; beside it stands the same of the best reading until then. The test set has no part in it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["CURVES", "Tuning", "curves", "together", "tunings"]


ENDED = ("done", "diverged")


@dataclass(frozen=True)
class Tuning:
    """``end`` and ``best``: FD by value of the option, one for each subset, at one size and one budget, in ``images``.

    Values of the option are in ascending order.
    """

    key: str
    n_train: int | None
    images: int
    end: dict[float, tuple[float, ...]]
    best: dict[float, tuple[float, ...]]

    @property
    def chosen(self) -> float:
        """The value with the smallest geometric mean at the end of the budget."""
        return min(self.end, key=lambda value: geometric_mean(self.end[value]))

    @property
    def inside(self) -> bool:
        """Whether there are worse values on both sides of it, or nothing is below it: the weight 0."""
        return self.chosen != max(self.end) and (self.chosen != min(self.end) or self.chosen == 0)

    def markdown(self) -> str:
        """A table, a row a value."""
        size = "all" if self.n_train is None else f"{self.n_train:,}"
        lines = [
            f"**{size} images, {self.images:,} shown**"
            + ("" if self.inside else " (the smallest is at an end of the grid)"),
            "",
            f"| {self.key} | FD at the end | of each subset | best FD until then |",
            "| ---: | ---: | :--- | ---: |",
        ]
        for value, found in self.end.items():
            mean, mark = f"{geometric_mean(found):,.0f}", "**" if value == self.chosen else ""
            each = ", ".join(f"{one:,.0f}" for one in found)
            lines.append(f"| {value:g} | {mark}{mean}{mark} | {each} | {geometric_mean(self.best[value]):,.0f} |")
        return "\n".join(lines)


def geometric_mean(values: Sequence[float]) -> float:
    """Of positive ``values``; infinite where one of them is."""
    return math.exp(np.mean(np.log(values)))


CURVES = {"n_train": "Int64", "value": "float64", "seed": "int64", "state": "str", "images": "Int64", "fd": "float64"}
"""Columns of the curves of a tuning: a row a reading; one without ``images`` for a run that came to none."""


def curves(table: pd.DataFrame, key: str, where: Mapping[str, str] = MappingProxyType({})) -> pd.DataFrame:
    """What a tuning of the option ``key`` rests on: ``CURVES``, from a table of runs (:mod:`aeaug.run.table`), of those
    that have the settings ``where``.

    Runs that were left before they had settings are left out. Raises ``ValueError``, in one line, where runs of one
    size differ in another setting than the option, and where there are none.
    """
    parts: list[pd.DataFrame] = []
    firsts: dict[Any, dict[str, Any]] = {}
    for _, run in table.groupby(["experiment", "arm", "n_train", "seed"], dropna=False):
        if len(subsets := sorted(set(run["subset"]))) > 1:
            raise ValueError(
                f"data.subset_seed={subsets[1]}: seed={run['seed'].iloc[0]} has several subsets, not its own"
            )
        settings = run[run["set"] == "setting"].set_index("metric")["note"].to_dict()
        if not settings and run["state"].iloc[0] not in ENDED:
            continue
        if key not in settings:
            raise ValueError(f"{key}: no option of {run['arm'].iloc[0]}")
        if any(str(settings.get(name)).lower() != wanted.lower() for name, wanted in where.items()):
            continue
        value = float(settings.pop(key))
        settings.pop("data.n_train", None)
        first = firsts.setdefault(run["n_train"].iloc[0], settings)
        if others := [name for name in settings.keys() | first.keys() if settings.get(name) != first.get(name)]:
            name = min(others)
            both = f"{first.get(name)} and {settings.get(name)}"
            raise ValueError(f"{name}: runs that are compared by {key} differ in it ({both})")
        generated = run[(run["split"] == "validation") & (run["set"] == "generated") & run["images"].notna()]
        readings = generated[generated["metric"] == "frechet_distance"][["images", "value"]]
        readings = readings.rename(columns={"value": "fd"}).sort_values("images")
        if readings.empty:
            readings = pd.DataFrame({"images": [pd.NA], "fd": [math.nan]})
        own = {"n_train": run["n_train"].iloc[0], "value": value}
        parts.append(readings.assign(**own, seed=run["seed"].iloc[0], state=run["state"].iloc[0]))
    if not parts:
        raise ValueError(" ".join(["no such runs", *(f"{name}={wanted}" for name, wanted in where.items())]))
    return pd.concat(parts, ignore_index=True)[list(CURVES)].astype(CURVES)


def together(sources: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The curves of several ``sources`` as one, by size, value, seed and images.

    Raises ``ValueError``, in one line, where two of them have the same run.
    """
    run = ["n_train", "value", "seed"]
    found = pd.concat([one.drop_duplicates(run) for one in sources])
    for n_train, value, seed in found.loc[found.duplicated(run), run].itertuples(index=False):
        raise ValueError(f"data.n_train={n_train}, value {value:g}, seed={seed}: is in two of the sources")
    return pd.concat(sources).sort_values([*run, "images"], ignore_index=True)


def tunings(found: pd.DataFrame, key: str, budgets: Sequence[int] = ()) -> tuple[list[Tuning], list[str]]:
    """The tables of the option ``key`` from its ``curves``, by budget and size, and a line for each value that has no
    place in one: a run of it was left before it came to the budget.

    ``budgets``: in images shown; none: the longest curve's. A diverged run has an infinite FD. Raises ``ValueError``,
    in one line, where a finished run has no reading at a budget, and where values have not the same seeds.
    """
    tables, missing = [], []
    for images in budgets or [int(found["images"].max())]:
        for n_train, part in found.groupby("n_train", dropna=False):
            end: dict[float, dict[int, float]] = {}
            best: dict[float, dict[int, float]] = {}
            left: set[float] = set()  # values of which a run was left before its end
            for (value, seed), run in part.groupby(["value", "seed"]):
                if (reading := _at(run, images)) is not None:
                    end.setdefault(value, {})[seed], best.setdefault(value, {})[seed] = reading
                if run["state"].iloc[0] not in ENDED:
                    left.add(value)
            every = set(part["seed"])
            for value in sorted(left):
                if short := sorted(every - end.get(value, {}).keys()):
                    end.pop(value, None)
                    missing.append(
                        f"{key}={value:g}, data.n_train={n_train}: no reading at {images:,} images of seeds {short}"
                    )
            seeds = {value: sorted(by_seed) for value, by_seed in end.items()}
            if any(one != next(iter(seeds.values())) for one in seeds.values()):
                raise ValueError(f"{key}: its values have not the same seeds at {n_train} images ({seeds})")
            both = ({value: tuple(of[value][seed] for seed in seeds[value]) for value in end} for of in (end, best))
            if end:
                tables.append(Tuning(key, None if pd.isna(n_train) else int(n_train), images, *both))
    return tables, missing


def _at(run: pd.DataFrame, images: int) -> tuple[float, float] | None:
    """FD after ``images``, and the lowest until then; None of a run that was left before."""
    until = run[run["images"].le(images).fillna(False)]
    if images in until["images"].to_list():
        return float(until.loc[until["images"] == images, "fd"].iloc[0]), float(until["fd"].min())
    one = run.iloc[0]
    if one["state"] == "diverged":
        return math.inf, math.inf if until.empty else float(until["fd"].min())
    if one["state"] != "done":
        return None
    raise ValueError(f"data.n_train={one['n_train']}, seed={one['seed']}: no reading at {images:,} images (done)")
