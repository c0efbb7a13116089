"""Paired comparison of two arms over seeds.

The same seed gives two arms the same subset, initial weights, order of real images and evaluation latents, so the unit
of evidence is the difference of a pair, for FD that of logarithms. Reported are the median difference, its 95%
percentile-bootstrap interval and the exact sign-flip p-value (Fisher's randomisation test: under the null each
difference is as likely as its negative), Holm-corrected over a table (Holm 1979, Scand. J. Statist. 6).

Six pairs are the least that can say anything at the 5% level: n pairs give 2^n sign patterns, so the smallest two-sided
p is 2^(1-n), 1/16 at n = 5; and the widest interval the data can give for a median, from smallest to largest
difference, covers it with probability 1 - 2^(1-n), 75% at n = 3. Below six neither is computed. BCa's acceleration
comes from a jackknife, inconsistent for the median. With few pairs the interval is too short: see `decision`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["CONFIDENCE", "MINIMUM_PAIRS", "Paired", "equivalence", "holm", "interval", "of_differences", "paired",
           "sign_flip"]  # fmt: skip

CONFIDENCE = 0.95
MINIMUM_PAIRS = 6
_EXACT = 2**16
_RESAMPLES = 9999


@dataclass(frozen=True)
class Paired:
    """Differences treatment minus control by seed, and what may be said of them.

    `interval`, `p` and `p_holm` are None below `MINIMUM_PAIRS`: too few seeds.
    """

    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    median: float
    interval: tuple[float, float] | None = None
    p: float | None = None
    p_holm: float | None = None

    @property
    def enough(self) -> bool:
        """Whether there are pairs enough for an interval and a p-value."""
        return len(self.differences) >= MINIMUM_PAIRS


def paired(treatment: Mapping[int, float], control: Mapping[int, float], *, tested: bool = True) -> Paired | None:
    """Compare two arms, one finite value per seed, over the seeds both have; None where they share none."""
    both = treatment.keys() & control.keys()
    return of_differences({seed: treatment[seed] - control[seed] for seed in both}, tested=tested)


def of_differences(by_seed: Mapping[int, float], *, tested: bool = True) -> Paired | None:
    """What may be said of finite differences by seed; None of none. Without a p-value where nothing is ``tested``."""
    if not by_seed:
        return None
    seeds = tuple(sorted(by_seed))
    differences = tuple(float(by_seed[seed]) for seed in seeds)
    assert np.isfinite(differences).all(), f"differences {differences} are not finite"
    result = Paired(seeds, differences, float(np.median(differences)))
    if not result.enough:
        return result
    return replace(result, interval=interval(differences), p=sign_flip(differences) if tested else None)


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """95% percentile-bootstrap interval of the median of `differences`; its random stream is fixed."""
    sample, random = np.asarray(differences), np.random.default_rng(0)
    options: dict[str, Any] = {"confidence_level": CONFIDENCE, "method": "percentile", "n_resamples": _RESAMPLES}
    found = stats.bootstrap((sample,), np.median, rng=random, **options).confidence_interval
    return float(found.low), float(found.high)


def sign_flip(
    differences: Sequence[float], alternative: Literal["two-sided", "less", "greater"] = "two-sided"
) -> float:
    """Sign-flip p-value of the mean against zero; exact up to 16 pairs, sampled beyond.

    It is in [2^(1-n), 1] two-sided, in [2^-n, 1] for a mean that is `less` or `greater`.
    """

    def mean(sample: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
        return np.asarray(np.mean(sample, axis=axis))

    sample, random = np.asarray(differences, dtype=np.float64), np.random.default_rng(0)
    options: dict[str, Any] = {"permutation_type": "samples", "vectorized": True, "n_resamples": _EXACT}
    found = stats.permutation_test((sample,), mean, rng=random, alternative=alternative, **options)
    return float(found.pvalue)


def equivalence(differences: Sequence[float], low: float, high: float) -> float:
    """p-value of the null that the differences are centred outside (low, high), by two one-sided sign-flip tests.

    The larger of the p-values against `low` and against `high` (Schuirmann 1987, J. Pharmacokinet. Biopharm. 15).
    """
    values = np.asarray(differences, dtype=np.float64)
    return max(sign_flip((values - low).tolist(), "greater"), sign_flip((values - high).tolist(), "less"))


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjustment: max over j <= i of (m - j + 1) p_(j), at most 1, in the order given. A None, where
    nothing was tested, stays one and does not count. (That of statsmodels collects garbage at each call: 0.15 s.)"""
    tested = sorted((value, place) for place, value in enumerate(p) if value is not None)
    adjusted: list[float | None] = [None] * len(p)
    largest = 0.0
    for rank, (value, place) in enumerate(tested):
        adjusted[place] = largest = max(largest, min(1.0, (len(tested) - rank) * value))
    return adjusted
