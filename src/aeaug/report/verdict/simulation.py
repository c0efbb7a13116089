"""Whole reports of planted differences, judged by the code that judges real ones: how often they err, what they find.

A report has a number of claims and as many pairs for each. The difference of claim c, subset s, initialisation i and
size k is δ_c + √ρ u_cs + √(1 - ρ) v_csik, with u and v of one distribution of variance 1: sizes and initialisations of
one subset are correlated by ρ. Each claim has two arms of its own; or all share one control, with results b, and
what a claim's treatment has beside δ_c is (a_c - b) / √2, of the same variance: two claims are correlated by 1/2. Of
claims of a spread (:mod:`aeaug.report.statistics.spread`) the results of control and treatment in subset s are w_cs and
3 + e^(δ_c) w'_cs, of variance 1 each, correlated by ρ: the ratio of spreads is e^(δ_c), beside a shift. Runs
diverge with given probabilities, whatever their result would have been. What is drawn is put into runs, and
:func:`aeaug.report.verdict.verdict.verdicts` reads these.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics.exact_test import sign_flip
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import LEVEL, Claim
from aeaug.run.records import RunRecord, StatedClaim
from aeaug.run.table import COLUMNS

__all__ = ["DISTRIBUTIONS", "Scenario", "SpreadScenario", "apart", "outcomes", "report_of"]

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
    that matters; ``pairs``: of one claim, ``initialisations`` for each subset; ``sizes`` of one report; both correlated
    by ``correlation``; ``shared``: one control for all; ``diverging``: probability for a treatment's run, and for a
    control's."""

    distribution: str
    effects: Sequence[float]
    smallest: float
    pairs: int = 12
    sizes: int = 1
    correlation: float = 0.8
    initialisations: int = 1
    shared: bool = False
    diverging: tuple[float, float] = (0.0, 0.0)

    of: ClassVar[Literal["centre", "spread"]] = "centre"

    @property
    def subsets(self) -> int:
        """How many there are, the units of inference."""
        return self.pairs // self.initialisations

    def draw(self, random: np.random.Generator) -> tuple[Floats, Floats]:
        """Results of treatments and of controls, each (claims, pairs, sizes); NaN: diverged."""
        claims, effects = len(self.effects), np.asarray(self.effects, dtype=np.float64)[:, None, None]
        treatments, controls = self._noise(random, claims), np.zeros((claims, self.pairs, self.sizes))
        if self.shared:
            treatments, controls = np.sqrt(0.5) * treatments, np.sqrt(0.5) * self._noise(random, 1)
        lost = [
            random.random(results.shape) < probability
            for results, probability in zip((treatments, controls), self.diverging, strict=True)
            if any(self.diverging)
        ]
        treatments = treatments + effects
        for results, gone in zip((treatments, controls), lost, strict=False):
            results[gone] = np.nan
        return treatments, np.broadcast_to(controls, treatments.shape)

    def _noise(self, random: np.random.Generator, arms: int) -> Floats:
        draw, each = DISTRIBUTIONS[self.distribution], (self.subsets, self.initialisations, self.sizes)
        own = draw(random, (arms, *each))
        if self.sizes * self.initialisations > 1:
            of_subset = draw(random, (arms, self.subsets, 1, 1))
            own = np.sqrt(self.correlation) * of_subset + np.sqrt(1 - self.correlation) * own
        return own.reshape(arms, self.pairs, self.sizes)


@dataclass(frozen=True)
class SpreadScenario(Scenario):
    """Claims of a spread, at one size and one initialisation.

    ``effects``: logarithms of the treatment's standard deviation over the control's; ``smallest``: a difference of mean
    absolute deviations.
    """

    of = "spread"

    @override
    def draw(self, random: np.random.Generator) -> tuple[Floats, Floats]:
        assert (self.sizes, self.initialisations, self.shared, any(self.diverging)) == (1, 1, False, False)
        each = len(self.effects), self.pairs, 1
        both, *own = (DISTRIBUTIONS[self.distribution](random, each) for _ in range(3))
        treatments, controls = (
            np.sqrt(self.correlation) * both + np.sqrt(1 - self.correlation) * alone for alone in own
        )
        return 3 + np.exp(np.asarray(self.effects))[:, None, None] * treatments, controls


def outcomes(scenario: Scenario, reports: int, seed: int = 0) -> list[list[str]]:
    """The outcome of every claim of so many reports, by the code path of a real one."""
    random = np.random.default_rng(seed)
    return [[row.outcome for row in verdicts(report_of(scenario, *scenario.draw(random)))] for _ in range(reports)]


def apart(scenario: Scenario, tests: int, seed: int = 0) -> float:
    """The share of tests without a difference in which flipping every size of every seed on its own finds one."""
    random = np.random.default_rng(seed)
    one = Scenario(
        scenario.distribution, [0.0], scenario.smallest, scenario.pairs, scenario.sizes, scenario.correlation
    )
    return float(np.mean([sign_flip(one.draw(random)[0].ravel().tolist()) <= LEVEL for _ in range(tests)]))


def report_of(scenario: Scenario, treatments: Floats, controls: Floats) -> Results:
    """The results of runs, (claims, pairs, sizes) of treatments and of their controls, in recall, which has a natural
    scale."""
    claims = [
        Claim(
            statement=f"Claim {place}.",
            metric="recall",
            of=scenario.of,
            direction="higher",
            treatment=f"treatment-{place}",
            control="control" if scenario.shared else f"control-{place}",
            smallest_effect=scenario.smallest,
            seeds=scenario.subsets,
        )
        for place in range(len(scenario.effects))
    ]
    stated = tuple(StatedClaim(claim, "", 0) for claim in claims)
    groups = []
    for size in range(scenario.sizes):
        n_train = 100 * (size + 1)
        results = {claim.control: row[:, size] for claim, row in zip(claims, controls, strict=True)}
        results |= {claim.treatment: row[:, size] for claim, row in zip(claims, treatments, strict=True)}
        arms = tuple(
            _arm(name, n_train, row.tolist(), scenario.initialisations, () if place or size else stated)
            for place, (name, row) in enumerate(results.items())
        )
        groups.append(Group("simulated", n_train, arms, {}))
    empty = pd.DataFrame(columns=[*COLUMNS, "group"])
    return Results(empty, tuple(groups), {"simulated": ("simulated",)})


def _arm(name: str, n_train: int, results: Sequence[float], of_subset: int, stated: tuple[StatedClaim, ...]) -> Arm:
    """``of_subset``: so many initialisations, one after another."""
    place = ("generated", "recall", "end", "classifier")
    runs = (
        RunRecord(
            "simulated",
            name,
            n_train,
            number // of_subset,
            number % of_subset if of_subset > 1 else number,
            "diverged" if math.isnan(result) else "done",
            {} if math.isnan(result) else {place: result},
            settings={"arm": name},
            statements=stated if number == 0 else (),
        )
        for number, result in enumerate(results)
    )
    return Arm(name, n_train, tuple(runs))
