r"""What a pilot says of a claim to be made: how much pairs of runs differ, and which effects so many pairs would find.

A pair is a treatment and its control on one subset and seed, and the pairs of one subset are one unit with their mean,
as in a verdict (:mod:`aeaug.report.statistics.pairs`); its difference is that of the logarithms of the Fréchet distance
on the validation slice at the end of the budget, for the test set has no part in planning. With the standard deviation
s of the pilot's units, an effect of :math:`\delta s` is one of :math:`100 (e^{\delta s} - 1)` percent.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from aeaug.report.statistics.exact_test import equivalence, sign_flip
from aeaug.report.statistics.pairs import by_unit
from aeaug.run.claims import LEVEL, is_named

__all__ = ["Pilot", "detectable", "equivalent", "pilots"]

POWER = 0.8
DRAWS = 400  # the share that is found has a standard error of 0.02 at 0.8


@dataclass(frozen=True)
class Pilot:
    """``differences`` of logarithms by (subset, seed), at one size ``n_train``, after ``images`` shown; ``diverged``:
    runs of the two arms that did, and say nothing here."""

    n_train: int | None
    images: int
    differences: Mapping[tuple[int, int], float]
    diverged: int = 0

    @property
    def units(self) -> list[float]:
        """The mean difference of each subset; of each seed where there is one subset."""
        one = len({subset for subset, _ in self.differences}) == 1
        return list(by_unit(self.differences, by_seed=one).values())

    @property
    def mean(self) -> float:
        """Of the units."""
        return float(np.mean(self.units))

    @property
    def sd(self) -> float:
        """Their standard deviation, the unbiased variance's root."""
        return float(np.std(self.units, ddof=1))

    @property
    def sd_interval(self) -> tuple[float, float]:
        """The 80% interval of the standard deviation, were differences normal: what so few units know of it."""
        degrees = len(self.units) - 1
        low, high = (self.sd * math.sqrt(degrees / chi2.ppf(share, degrees)) for share in (0.9, 0.1))
        return low, high


def pilots(table: pd.DataFrame, treatment: str, control: str) -> list[Pilot]:
    """Of every size in ``table`` (:mod:`aeaug.run.table`), the pairs of the two arms, named as in a claim.

    Raises ``ValueError``, in one line, for an arm that has no run, and where there are fewer than three units.
    """
    diverged = table[table["state"] == "diverged"].drop_duplicates(["n_train", "arm", "subset", "seed"])
    found = table[(table["split"] == "validation") & (table["set"] == "generated") & table["images"].notna()]
    found = found[(found["metric"] == "frechet_distance") & (found["state"] == "done")]
    ends = found.sort_values("images").groupby(["n_train", "arm", "subset", "seed"], dropna=False).tail(1)
    result = []
    for n_train, part in ends.groupby("n_train", dropna=False):
        names, arms = {name: _named(name, set(part["arm"]), n_train) for name in (treatment, control)}, {}
        for name, called in names.items():
            own = part[part["arm"] == called]
            arms[name] = {(int(row.subset), int(row.seed)): row for row in own.itertuples()}
        keys = sorted(arms[treatment].keys() & arms[control].keys())
        if len(keys) < 3:
            raise ValueError(f"{treatment}, {control}: {len(keys)} pairs at {n_train} images, a pilot needs 3")
        pairs = {key: (arms[treatment][key], arms[control][key]) for key in keys}
        budgets = {int(one.images) for pair in pairs.values() for one in pair}
        if len(budgets) > 1:
            raise ValueError(f"runs of different budgets: {', '.join(map(str, sorted(budgets)))} images")
        differences = {key: math.log(one.value) - math.log(other.value) for key, (one, other) in pairs.items()}
        here = diverged[diverged["n_train"].isna() if pd.isna(n_train) else diverged["n_train"] == n_train]
        lost = sum(arm in {*names, *names.values()} for arm in here["arm"])
        pilot = Pilot(None if pd.isna(n_train) else int(n_train), budgets.pop(), differences, lost)
        if len(pilot.units) < 3:
            raise ValueError(
                f"{treatment}, {control}: {len(keys)} pairs of {len(pilot.units)} subsets at {n_train} images, a pilot "
                "needs 3"
            )
        result.append(pilot)
    return result


def _named(name: str, arms: Collection[str], n_train: Any) -> str:
    """The one of the ``arms`` that is called so. Raises ``ValueError`` where there is none, or are several."""
    found = [name] if name in arms else sorted(arm for arm in arms if is_named(arm, name))
    if not found:
        raise ValueError(f"{name}: no arm at {n_train} images; there are {', '.join(sorted(arms))}")
    if len(found) > 1:
        raise ValueError(f"{name}: several arms at {n_train} images are called so: {' and '.join(found)}")
    return found[0]


@lru_cache(maxsize=64)
def detectable(pairs: int, tests: int = 1) -> float:
    """The effect, in standard deviations of normal differences, that the sign-flip test of one of ``tests`` claims
    finds in 80% of reports, found by simulation (Holm's first step, the strictest); infinite where none can be."""
    level = LEVEL / tests
    if 2 ** (1 - pairs) > level:
        return math.inf
    return _smallest(pairs, lambda draws, d: [sign_flip(tuple(draw + d)) <= level for draw in draws])


@lru_cache(maxsize=64)
def equivalent(pairs: int, tests: int = 1) -> float:
    """The smallest effect, in standard deviations, for which 80% of reports call a difference of 0 "no effect"."""
    level = LEVEL / tests
    if 2**-pairs > level:
        return math.inf
    return _smallest(pairs, lambda draws, d: [equivalence(tuple(draw), -d, d) <= level for draw in draws])


def _smallest(pairs: int, passed: Callable[[NDArray[np.float64], float], list[bool]]) -> float:
    """The d at which ``POWER`` of ``DRAWS`` pass, by bisection over common random numbers."""
    draws = np.random.default_rng(0).normal(size=(DRAWS, pairs))
    low, high = 0.0, 8.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if np.mean(passed(draws, middle)) >= POWER else (middle, high)
    return high
