"""A run read back from its rows (:mod:`aeaug.run.table`): what reports are computed from."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from aeaug.evaluation.features import SPACES
from aeaug.evaluation.metric import Metric
from aeaug.run.claims import Claim, read_claims
from aeaug.run.folders import repetition_name
from aeaug.run.metrics import OF_CLASSES

__all__ = ["Place", "RunRecord", "StatedClaim", "records"]

Place = tuple[str, str, str, str]
"""Where a number stands: set of images, metric, reading, feature space; the last two empty where it has none."""


@dataclass(frozen=True)
class StatedClaim:
    """A claim as a run states it: ``images`` had been shown to its discriminator when it was ``stated``."""

    claim: Claim
    stated: str
    images: int


@dataclass(frozen=True)
class RunRecord:
    """One run: ``numbers`` at its end by their :data:`Place`, ``notes`` on them, and what its config says.

    ``curve``: (processor seconds of training until then, validation FD) at each reading, in their order; empty where
    the seconds were not counted. ``elsewhere``: the same run where it stands in other experiments of a report, too.
    """

    experiment: str
    arm: str
    n_train: int | None
    subset: int
    seed: int
    state: str
    numbers: Mapping[Place, float] = field(default_factory=dict)
    notes: Mapping[Place, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[StatedClaim, ...] = ()
    curve: tuple[tuple[float, float], ...] = ()
    elsewhere: tuple["RunRecord", ...] = ()

    @property
    def stands(self) -> dict[str, tuple[StatedClaim, ...]]:
        """The experiments that it is a run of, with what it states in each."""
        return {one.experiment: one.statements for one in (self, *self.elsewhere)}

    @property
    def key(self) -> tuple[int, int]:
        """What pairs it with the runs of other arms: its subset and its seed."""
        return self.subset, self.seed

    @property
    def repetition(self) -> str:
        """The same in words: ``seed=3``, or ``seed=3,subset=5`` where the subset is another than the seed's own."""
        return repetition_name(self.seed, self.subset)

    @property
    def label(self) -> str:
        """How errors name the run."""
        size = "" if self.n_train is None else f",data.n_train={self.n_train}"
        return f"{self.arm}{size}/{self.repetition}"

    @property
    def spaces(self) -> tuple[str, ...]:
        """The feature spaces that it was measured in, the leading one first."""
        return tuple(self.words["spaces"].split(", ")) if "spaces" in self.words else SPACES

    @property
    def lead(self) -> str:
        """The leading feature space."""
        return self.spaces[0]

    def place(self, metric: Metric, of: str | None = None, reading: str = "end", space: str | None = None) -> Place:
        """Where a number of ``metric`` stands: that of a run's generated images at one reading, that of a floor, which
        has no reading, or that of the run as a whole, which has neither. ``space``: None for the leading one, of
        what is measured of classes for the first that has it."""
        if of is None and metric.place == "run":
            return "run", metric.key, "", ""
        found = [
            (metric.place, metric.key, reading, one) if of is None else (of, metric.key, "", one)
            for one in ((space,) if space else self.spaces if metric.key in OF_CLASSES else (self.lead,))
        ]
        return next((place for place in found if place in self.numbers), found[0])

    def of(self, metric: Metric, of: str | None = None, reading: str = "end", space: str | None = None) -> float | None:
        """Its number, or that of another set of images, a floor; None where it was not measured or is not finite."""
        value = self.numbers.get(self.place(metric, of, reading, space), math.nan)
        return value if math.isfinite(value) else None

    def on_scale(self, metric: Metric, reading: str = "end", space: str | None = None) -> float | None:
        """What pairs are made of: the number on the metric's scale; None also where it has no logarithm."""
        value = self.of(metric, reading=reading, space=space)
        if value is None or metric.scale == "natural":
            return value
        return math.log(value) if value > 0 else None


def records(table: pd.DataFrame) -> Iterator[RunRecord]:
    """The runs of ``table``, in its order. Raises ``ValueError`` for two runs in one place, and for a wrong claim."""
    runs = table.groupby(["experiment", "arm", "n_train", "subset", "seed"], dropna=False, sort=False)
    curves = _curves(table, runs.ngroup())
    for place, (key, part) in enumerate(runs):
        experiment, arm, n_train, subset, seed = key
        last = part[part["images"].isna()]
        tested, records, settings = (
            last[last[column] == name] for column, name in (("split", "test"), ("set", "record"), ("set", "setting"))
        )
        places = list(zip(*(tested[column] for column in ("set", "metric", "reading", "space")), strict=True))
        if len(folders := records.loc[records["metric"] == "folder", "note"]) > 1:
            where = f"arm={arm!r}, n_train={n_train}, subset={subset}, seed={seed}: {' and '.join(folders)}"
            raise ValueError(f"two runs of {where} in runs/{experiment}; move one away")
        yield RunRecord(
            experiment=str(experiment),
            arm=str(arm),
            n_train=None if pd.isna(n_train) else int(n_train),
            subset=int(subset),
            seed=int(seed),
            state=str(part["state"].iloc[0]),
            numbers=dict(zip(places, tested["value"], strict=True)),
            notes={place: note for place, note in zip(places, tested["note"], strict=True) if note},
            words={k: v for k, v in zip(records["metric"], records["note"], strict=True) if v},
            counts={k: v for k, v in zip(records["metric"], records["value"], strict=True) if not math.isnan(v)},
            settings=dict(zip(settings["metric"], settings["note"], strict=True)),
            statements=tuple(_statements(part[part["set"] == "claim"])),
            curve=curves.get(place, ()),
        )


def _curves(table: pd.DataFrame, run: pd.Series) -> dict[int, tuple[tuple[float, float], ...]]:
    """The curves by the place of their run; ``run``: that of each row. Of all at once: one by one they take seconds."""
    timed = (table["metric"] == "processor_seconds") & table["images"].notna()
    if not timed.any():
        return {}
    read = (table["metric"] == "frechet_distance") & (table["split"] == "validation") & table["images"].notna()
    read &= table["set"] == "generated"  # in the leading feature space, which alone has curves
    of = table[["images", "value"]].assign(run=run)
    joined = of[timed].merge(of[read], on=["run", "images"], suffixes=("", "_read")).sort_values(["run", "images"])
    return {
        int(place): tuple(zip(rows["value"].tolist(), rows["value_read"].tolist(), strict=True))
        for place, rows in joined.groupby("run")
    }


def _statements(rows: pd.DataFrame) -> Iterator[StatedClaim]:
    said = [json.loads(note) for note in rows["note"]]
    claims = read_claims({"claims": [one["claim"] for one in said]}, "results")
    for one, claim, images in zip(said, claims, rows["images"], strict=True):
        yield StatedClaim(claim, one["stated"] or "", int(images))
