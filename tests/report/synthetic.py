"""Results without files: arms whose numbers are planted, for what has to be repeated many times."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.run.claims import Claim
from aeaug.run.metrics import METRICS
from aeaug.run.records import Place, RunRecord, StatedClaim
from aeaug.run.table import COLUMNS

CLAIM: dict[str, Any] = {
    "statement": "Appending lowers FD.",
    "metric": "frechet_distance",
    "direction": "lower",
    "treatment": "append",
    "control": "none",
    "smallest_effect": 0.05,
    "seeds": 8,
}

Entry = float | str | Mapping[tuple[str, str], float]
Arms = Mapping[str, Sequence[Entry]]


def experiment(
    arms: Arms | Mapping[int | None, Arms],
    claims: Sequence[Mapping[str, Any]] = (CLAIM,),
    metric: str = "frechet_distance",
    keys: Sequence[tuple[int, int]] | None = None,
    shared: Sequence[int | None] = (),
) -> Results:
    """Arms by name, or by training-set size and name; one entry a run: the number of a done one, or its numbers by
    reading and space, or a state. ``keys``: subset and seed of each entry, by default n and n for the n-th. ``shared``:
    sizes at which all subsets are the same images."""
    sizes = arms if any(isinstance(key, int) or key is None for key in arms) else {500: arms}
    stated = tuple(StatedClaim(Claim(**claim), "", 0) for claim in claims)
    groups = []
    for n_train, members in sizes.items():
        found = {
            name: Arm(
                name,
                n_train,
                tuple(
                    _run(name, key, entry, n_train, stated, metric, "one" if n_train in shared else f"{key[0]}")
                    for key, entry in zip(keys or [(seed, seed) for seed in range(len(row))], row, strict=False)
                ),
            )
            for name, row in members.items()
        }
        controls = {name: found["none"] for name in found if "none" in found and name != "none"}
        groups.append(Group("synthetic", n_train, tuple(found.values()), controls))
    return Results(pd.DataFrame(columns=[*COLUMNS, "group"]), tuple(groups), {"synthetic": ("synthetic",)})


def changed(results: Results, change: Callable[[RunRecord], RunRecord]) -> Results:
    """The same with every run changed."""
    groups = []
    for group in results.groups:
        arms = {arm.name: replace(arm, runs=tuple(map(change, arm.runs))) for arm in group.arms}
        controls = {name: arms[arm.name] for name, arm in group.controls.items()}
        groups.append(replace(group, arms=tuple(arms.values()), controls=controls))
    return replace(results, groups=tuple(groups))


def _run(
    arm: str,
    key: tuple[int, int],
    entry: Entry,
    n_train: int | None,
    stated: tuple[StatedClaim, ...],
    metric: str,
    subset: str,
) -> RunRecord:
    if entry == "missing":
        return RunRecord("synthetic", arm, n_train, *key, "missing")
    state = entry if isinstance(entry, str) else "done"
    numbers: dict[Place, float] = {}
    if state in ("done", "diverged"):
        numbers = {("run", "diverged", "", ""): float(state == "diverged")}
    if not isinstance(entry, str):
        of, run = METRICS[metric], not isinstance(entry, Mapping) and METRICS[metric].place == "run"
        found = entry if isinstance(entry, Mapping) else {("", "") if run else ("end", "classifier"): entry}
        numbers |= {("generated", "frechet_distance", "end", "classifier"): 40.0}
        numbers |= {(of.place, metric, *where): float(value) for where, value in found.items()}
    more = {"settings": {"arm": arm}, "words": {"data.subset_sha256": subset}}
    return RunRecord("synthetic", arm, n_train, *key, state, numbers, statements=stated, **more)
