"""Results without files: arms whose numbers are planted, for what has to be repeated many times."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.run.claims import Claim
from aeaug.run.metrics import METRICS
from aeaug.run.records import RunRecord, StatedClaim
from aeaug.run.rows import COLUMNS

CLAIM: dict[str, Any] = {
    "statement": "Appending lowers FD.",
    "metric": "frechet_distance",
    "direction": "lower",
    "treatment": "append",
    "control": "none",
    "smallest_effect": 0.05,
    "seeds": 8,
}

Arms = Mapping[str, Sequence[float | str]]


def experiment(
    arms: Arms | Mapping[int | None, Arms],
    claims: Sequence[Mapping[str, Any]] = (CLAIM,),
    metric: str = "frechet_distance",
) -> Results:
    """Arms by name, or by training-set size and name; one entry a seed: the number of a done run, or a state."""
    sizes = arms if any(isinstance(key, int) or key is None for key in arms) else {500: arms}
    stated = tuple(StatedClaim(Claim(**claim), "", 0) for claim in claims)
    groups = []
    for n_train, members in sizes.items():
        found = {
            name: Arm(
                name,
                n_train,
                tuple(_run(name, seed, entry, n_train, stated, metric) for seed, entry in enumerate(row)),
            )
            for name, row in members.items()
        }
        controls = {name: found["none"] for name in found if "none" in found and name != "none"}
        groups.append(Group("synthetic", n_train, tuple(found.values()), controls))
    return Results(pd.DataFrame(columns=[*COLUMNS, "group"]), tuple(groups), {"synthetic": ("synthetic",)})


def _run(
    arm: str, seed: int, entry: float | str, n_train: int | None, stated: tuple[StatedClaim, ...], metric: str
) -> RunRecord:
    if entry == "missing":
        return RunRecord("synthetic", arm, n_train, seed, "missing")
    state = entry if isinstance(entry, str) else "done"
    numbers = {("run", "diverged"): float(state == "diverged")} if state in ("done", "diverged") else {}
    if not isinstance(entry, str):
        numbers |= {("generated", "frechet_distance"): 40.0, (METRICS[metric].place, metric): float(entry)}
    return RunRecord("synthetic", arm, n_train, seed, state, numbers, settings={"arm": arm}, statements=stated)
