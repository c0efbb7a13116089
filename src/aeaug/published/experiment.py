"""An experiment as it is published: what its file says, what its table comes to, and which of its runs there are."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from aeaug.evaluation.reading import number
from aeaug.published.recipe import Recipe, recipes
from aeaug.report.results import Results, results_of
from aeaug.report.tables.arms import cost_metric
from aeaug.report.verdict.judgement import Verdict
from aeaug.run.identity.settings import settings
from aeaug.run.records import RunRecord
from aeaug.run.variant import arm_name
from aeaug.sweep.composition.overrides import word
from aeaug.sweep.plan.announced import announced

__all__ = ["Experiment", "Place", "experiments", "size_words"]

Place = tuple[str, int | None]
"""Arm and size of the training set."""

UNANNOUNCED = "not among the runs that its file announces"


@dataclass(frozen=True, eq=False)
class Experiment:
    """``results`` are None where there is no table yet."""

    recipe: Recipe
    results: Results | None

    @property
    def name(self) -> str:
        """The stem of its file."""
        return self.recipe.name

    @cached_property
    def runs(self) -> tuple[RunRecord, ...]:
        """Those in the table."""
        return tuple(run for run in self.results.runs if run.state != "missing") if self.results is not None else ()

    @cached_property
    def announced(self) -> Counter[Place]:
        """How many runs the commands of its file make, by arm and size."""
        return Counter(place for place, _ in self._announced)

    @cached_property
    def waiting(self) -> Counter[Place]:
        """How many of those are in no table yet."""
        there = {((run.arm, run.n_train), run.key) for run in self.runs}
        return Counter(place for place, key in self._announced if (place, key) not in there)

    @cached_property
    def departures(self) -> tuple[tuple[RunRecord, tuple[str, ...]], ...]:
        """In what the runs of the table are not those that the file announces: the settings that both have, as
        ``data.n_train=100, 500 in its file``; of a run that it does not announce at all, that. Runs as announced are
        left out."""
        found = []
        for run in self.runs:
            own = self._announced.get(((run.arm, run.n_train), run.key))
            other = [UNANNOUNCED] * (own is None) + [
                f"{key}={run.settings[key]}, {value} in its file"
                for key, value in sorted((own or {}).items())
                if run.settings.get(key, value).lower() != value.lower()
            ]
            if other:
                found.append((run, tuple(other)))
        return tuple(found)

    @cached_property
    def _announced(self) -> Mapping[tuple[Place, tuple[int, int]], Mapping[str, str]]:
        """The settings of each run, by its place, under the name that the table has for it, and its subset and
        seed."""
        found = {}
        there, names = {run.arm: run.settings for run in self.runs}, dict[str, str]()
        for one in announced(self.recipe.sweeps):
            own = {key: word(value) for key, value in settings(one.model_dump(mode="json")).items()}
            if (name := arm_name(one.variant)) not in names:
                same = [arm for arm, said in there.items() if name not in there and _same(name, own, arm, said)]
                names[name] = same[0] if len(same) == 1 else name
            found[(names[name], one.data.n_train), (one.data.subset_seed, one.seed)] = own
        return found

    def count(self, state: str) -> int:
        """Number of runs in that state."""
        return sum(run.state == state for run in self.runs)

    @property
    def progress(self) -> str:
        """How many runs there are, in words."""
        lost, rest = self.count("diverged"), self.waiting.total()
        every = len(self.runs) + rest
        said = f"{number(self.count('done'))} of {number(every)} {'runs are' if every > 1 else 'run is'} done"
        return said + f", {lost} diverged" * bool(lost) + f", {number(rest)} are not run yet" * bool(rest)

    def seconds(self, place: Place | None = None) -> float:
        """Seconds of training of the runs that are done, of one arm and size or of all."""
        if self.results is None:
            return 0.0
        metric = cost_metric(self.results)
        return sum(run.of(metric) or 0.0 for run in self.runs if place in (None, (run.arm, run.n_train)))


def experiments(tables: Mapping[str, pd.DataFrame]) -> Mapping[str, Experiment]:
    """Every experiment that is meant to be published, by name, with its table where there is one."""
    return {
        one.name: Experiment(one, results_of(tables[one.name]) if one.name in tables else None) for one in recipes()
    }


def _same(name: str, own: Mapping[str, str], other: str, said: Mapping[str, str]) -> bool:
    """Whether two arms, by their names and settings, are one, which versions have called differently: what either name
    tells of the arm is so in both."""
    parts = [set(one.split(",")) - {"default"} for one in (name, other)]
    bare = [{part for part in one if "=" not in part} for one in parts]
    return bare[0] == bare[1] and all(
        _alike(str(values.get(key, values.get(f"{key}.name"))), value)
        for values in (own, said)
        for key, _, value in (part.partition("=") for part in parts[0] | parts[1] if "=" in part)
    )


def _alike(one: str, other: str) -> bool:
    """Whether they are written the same, or are the same number."""
    try:
        return float(one) == float(other)
    except ValueError:
        return one.lower() == other.lower()


def heading(row: Verdict, *, brief: bool = False) -> str:
    """What a verdict is headed by on a page; where no size has a pair, that runs are waited for. ``brief``: sizes that
    disagree as one."""
    begun = row.ends is not None or any(size.ends is not None for size in row.sizes)
    return (row.brief if brief else row.heading) if begun else "not run yet"


def size_words(n_train: int | None) -> str:
    """A size of the training set."""
    return "all" if n_train is None else number(n_train)
