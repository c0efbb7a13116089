"""Whole reports of planted differences, judged by the code that judges real ones: how often they err, what they find.

A report has a number of claims, each on two arms of its own, and as many pairs for each. The difference of claim c,
seed s and size k is δ_c + √ρ u_cs + √(1 - ρ) v_csk, with u and v of one distribution of variance 1: sizes of one seed
are correlated by ρ. What is drawn is put into runs, and :func:`aeaug.report.verdict.verdicts` reads these.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics import sign_flip
from aeaug.report.verdict import verdicts
from aeaug.run.claims import LEVEL, Claim
from aeaug.run.records import RunRecord, StatedClaim
from aeaug.run.rows import COLUMNS

__all__ = ["DISTRIBUTIONS", "Scenario", "apart", "outcomes", "report_of"]

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Floats]

_LOGNORMAL_SD = float(np.sqrt((np.e - 1) * np.e))

DISTRIBUTIONS: Mapping[str, Draw] = {
    "normal": lambda random, shape: random.normal(size=shape),
    "Student t3": lambda random, shape: random.standard_t(3, size=shape) / np.sqrt(3),
    "lognormal minus its mean": lambda random, shape: (np.exp(random.normal(size=shape)) - np.exp(0.5)) / _LOGNORMAL_SD,
    "lognormal minus its median": lambda random, shape: (np.exp(random.normal(size=shape)) - 1) / _LOGNORMAL_SD,
}
"""Of variance 1; the first two symmetric about 0."""


@dataclass(frozen=True)
class Scenario:
    """``effects``: δ of each claim, in standard deviations, where the claimed side is above 0; ``smallest``: effect
    that matters; ``sizes`` of one report, correlated by ``correlation``."""

    distribution: str
    effects: Sequence[float]
    smallest: float
    pairs: int = 12
    sizes: int = 1
    correlation: float = 0.8

    def draw(self, random: np.random.Generator) -> Floats:
        """Differences (claims, pairs, sizes)."""
        draw, claims = DISTRIBUTIONS[self.distribution], len(self.effects)
        own = draw(random, (claims, self.pairs, self.sizes))
        if self.sizes > 1:
            of_seed = draw(random, (claims, self.pairs, 1))
            own = np.sqrt(self.correlation) * of_seed + np.sqrt(1 - self.correlation) * own
        return own + np.asarray(self.effects, dtype=np.float64)[:, None, None]


def outcomes(scenario: Scenario, reports: int, seed: int = 0) -> list[list[str]]:
    """The outcome of every claim of so many reports, by the code path of a real one."""
    random = np.random.default_rng(seed)
    return [[row.outcome for row in verdicts(report_of(scenario, scenario.draw(random)))] for _ in range(reports)]


def apart(scenario: Scenario, tests: int, seed: int = 0) -> float:
    """The share of tests without a difference in which flipping every size of every seed on its own finds one."""
    random = np.random.default_rng(seed)
    one = Scenario(
        scenario.distribution, [0.0], scenario.smallest, scenario.pairs, scenario.sizes, scenario.correlation
    )
    return float(np.mean([sign_flip(one.draw(random).ravel().tolist()) <= LEVEL for _ in range(tests)]))


def report_of(scenario: Scenario, differences: Floats) -> Results:
    """The results of runs with these ``differences`` (claims, pairs, sizes) in recall, which has a natural scale."""
    claims = [
        Claim(
            statement=f"Claim {place}.",
            metric="recall",
            direction="higher",
            treatment=f"treatment-{place}",
            control=f"control-{place}",
            smallest_effect=scenario.smallest,
            seeds=scenario.pairs,
        )
        for place in range(len(scenario.effects))
    ]
    stated = tuple(StatedClaim(claim, "", 0) for claim in claims)
    groups = []
    for size in range(scenario.sizes):
        n_train = 100 * (size + 1)
        arms: list[Arm] = []
        for claim, of_claim in zip(claims, differences, strict=True):
            values = of_claim[:, size].tolist()
            arms.append(_arm(claim.control, n_train, [0.0] * scenario.pairs, stated if not arms and not size else ()))
            arms.append(_arm(claim.treatment, n_train, values, ()))
        groups.append(Group("simulated", n_train, tuple(arms), {}))
    empty = pd.DataFrame(columns=[*COLUMNS, "group"])
    return Results(empty, tuple(groups), {"simulated": ("simulated",)})


def _arm(name: str, n_train: int, values: Sequence[float], stated: tuple[StatedClaim, ...]) -> Arm:
    place = ("generated", "recall", "end", "classifier")
    runs = (
        RunRecord(
            "simulated",
            name,
            n_train,
            seed,
            seed,
            "done",
            {place: value},
            settings={"arm": name},
            statements=stated if seed == 0 else (),
        )
        for seed, value in enumerate(values)
    )
    return Arm(name, n_train, tuple(runs))
