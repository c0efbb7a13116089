r"""Tables of a tuning: which value of an option has the smallest validation FD, by size of the training set and budget.

A run's curve tells every budget up to its own, for nothing in a training depends on where it will end. A cell is the
geometric mean over subsets of the Fréchet distance of the averaged generator on the validation slice, at the end of
that budget; beside it stands the same of the best reading until then. The test set has no part in it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Tuning", "tunings"]


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
        """Whether there are worse values on both sides of it."""
        return self.chosen not in (min(self.end), max(self.end))

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


def tunings(table: pd.DataFrame, key: str, budgets: Sequence[int] = ()) -> list[Tuning]:
    """Read the tuning of the option ``key`` from a table of runs (:mod:`aeaug.run.rows`), by budget and size.

    ``budgets``: in images shown; none: the longest curve's. A diverged run has an infinite FD. Raises ``ValueError``,
    in one line, where runs differ in another setting too, where one has no reading at a budget, and where values have
    not the same seeds.
    """
    runs = [_Run.of(part, key) for _, part in table.groupby(["experiment", "arm", "n_train", "seed"], dropna=False)]
    first = runs[0]
    for run in runs:
        if others := [name for name in run.others if run.others[name] != first.others.get(name)]:
            both = f"{first.others.get(others[0])} and {run.others[others[0]]}"
            raise ValueError(f"{others[0]}: runs that are compared by {key} differ in it ({both})")
    found = []
    for images in budgets or [max((images for run in runs for images in run.curve), default=0)]:
        for n_train in sorted({run.n_train for run in runs}, key=lambda n: math.inf if n is None else n):
            here = [run for run in runs if run.n_train == n_train]
            cells = {
                value: [run for run in here if run.value == value] for value in sorted({run.value for run in here})
            }
            seeds = {value: sorted(run.seed for run in cell) for value, cell in cells.items()}
            if any(one != seeds[here[0].value] for one in seeds.values()):
                raise ValueError(f"{key}: its values have not the same seeds at {n_train} images ({seeds})")
            read = {value: [run.at(images) for run in cell] for value, cell in cells.items()}
            end, best = ({v: tuple(pair[which] for pair in pairs) for v, pairs in read.items()} for which in (0, 1))
            found.append(Tuning(key, n_train, images, end, best))
    return found


@dataclass(frozen=True)
class _Run:
    """A run as tuning sees it: the ``value`` of the option, its ``others``, and the ``curve``, FD by images shown."""

    value: float
    n_train: int | None
    seed: int
    state: str
    others: dict[str, str]
    curve: dict[int, float]

    @classmethod
    def of(cls, part: pd.DataFrame, key: str) -> "_Run":
        settings = part[part["set"] == "setting"].set_index("metric")["note"].to_dict()
        if key not in settings:
            raise ValueError(f"{key}: no option of {part['arm'].iloc[0]}")
        readings = part[(part["split"] == "validation") & (part["set"] == "generated") & part["images"].notna()]
        curve = readings[readings["metric"] == "frechet_distance"].set_index("images")["value"].to_dict()
        n_train = part["n_train"].iloc[0]
        return cls(
            value=float(settings.pop(key)),
            n_train=None if pd.isna(n_train) else int(n_train),
            seed=int(part["seed"].iloc[0]),
            state=str(part["state"].iloc[0]),
            others={name: value for name, value in settings.items() if name != "data.n_train"},
            curve={int(images): float(value) for images, value in curve.items()},
        )

    def at(self, images: int) -> tuple[float, float]:
        """FD after ``images``, and the lowest until then."""
        until = [value for at, value in self.curve.items() if at <= images]
        if images in self.curve:
            return self.curve[images], min(until)
        if self.state == "diverged":
            return math.inf, min(until, default=math.inf)
        raise ValueError(
            f"data.n_train={self.n_train}, seed={self.seed}: no reading at {images:,} images ({self.state})"
        )
