r"""One exact test of paired differences, and what comes from inverting it.

Let d_1, …, d_n be the differences of n independent units, each symmetric about the same θ. Then every sign pattern of
d_i - θ is equally likely (Fisher's randomisation test). Flipping the units of a subset S takes 2 Σ_S (d_i - θ) from
their sum, so the flipped sum is at least the one seen where S is empty or **mean_S d <= θ**. Therefore

    p(θ; centre above θ) = (1 + #{S not empty: mean_S d <= θ}) / 2^n,   p(θ; below) = (1 + #{S: mean_S d >= θ}) / 2^n,

p(θ) = min(1, twice the smaller), and the values of θ that the test at level α does not reject are the interval from the
m-th smallest to the m-th largest of the 2^n - 1 means of subsets, m = floor(2^n α / 2): these means cut the line into
2^n intervals that are equally likely to hold θ (Hartigan 1969, J. Amer. Statist. Assoc. 64: typical values). p-value,
interval and test of equivalence count the same means, so that they cannot disagree: 0 lies outside the 95% interval
exactly where p <= 0.05. The estimate is the mean of all n, where the p-value is 1 up to 16 units.

Beyond 16 units the means are those of 65,535 random subsets, none empty and none twice, from a fixed stream. The same
counts, over 65,536, stay exact: that Hartigan shows for random subsets too, and for a test it is that of random
members of a group with its identity (Hemerik & Goeman 2018, TEST 27). (Beyond 256 units they are 4,095.) No two-sided
p-value is below 2/65,536 then (2/4,096), and that of the estimate is near 1, 0.995 of 20 units, and not quite.

Differences are rounded to a grid of 2^-38 of the largest, where sums of them are exact: equal means are equal numbers,
and a centre is equal to one that is nearer than half a step.

Up to 16 units, n of them give no two-sided p below 2^(1-n): six are the least that can say anything at 5%. Where
differences are not symmetric, the test is one of their mean only in the limit of many units: docs/evaluation.md has
what a few do then.

Functions of differences check nothing: they are finite, and there is one at least.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONFIDENCE", "MINIMUM_PAIRS", "Paired", "equivalence", "greater", "holm", "holm_of_exclusive", "interval",
           "least_of_several", "less", "of_differences", "sign_flip", "subset_means",
           "variance_components"]  # fmt: skip

CONFIDENCE = 0.95
MINIMUM_PAIRS = 6
EXACT_UNITS = 16
RANDOM_SUBSETS = 2**EXACT_UNITS - 1
_MANY = 256  # units beyond which there are fewer subsets, 4,095, for the sake of memory
_GRID = 38  # bits of the largest difference: sums of 10,000 of them are whole numbers below 2^53

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Paired:
    """Differences treatment minus control by unit, and what may be said of them.

    ``seeds`` name the units: subsets, or initialisations where all share one subset. ``interval`` and ``p`` are None
    below `MINIMUM_PAIRS`: too few.
    """

    seeds: tuple[int, ...]
    differences: tuple[float, ...]

    @property
    def enough(self) -> bool:
        """Whether there are units enough for an interval and a p-value."""
        return len(self.differences) >= MINIMUM_PAIRS

    @property
    def mean(self) -> float:
        """The estimate: the point at which the test's p-value is 1, beyond 16 units nearly."""
        return math.fsum(self.differences) / len(self.differences)

    @property
    def tied(self) -> float:
        """How near to the estimate a value is equal to it, as the tests have it."""
        return _means_and_tolerance(self.differences)[1]

    @property
    def median(self) -> float:
        """The median difference, to be shown beside."""
        return float(np.median(self.differences))

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval of the centre."""
        return interval(self.differences) if self.enough else None

    @property
    def side(self) -> int:
        """On which side of 0 all of the interval lies: −1, 1, or 0 where it is on both or there is none."""
        low, high = self.interval or (0.0, 0.0)
        return int(low > 0) - int(high < 0)

    @property
    def span(self) -> tuple[float, float]:
        """What an estimate stands beside: its interval, or below six units the smallest and largest difference."""
        return self.interval or (min(self.differences), max(self.differences))

    @cached_property
    def p(self) -> float | None:
        """The two-sided p-value of a centre of 0."""
        return sign_flip(self.differences) if self.enough else None


def of_differences(by_unit: Mapping[int, float]) -> Paired | None:
    """What may be said of finite differences by unit; None of none."""
    if not by_unit:
        return None
    units = tuple(sorted(by_unit))
    differences = tuple(float(by_unit[unit]) for unit in units)
    assert np.isfinite(differences).all(), f"differences {differences} are not finite"
    return Paired(units, differences)


def greater(differences: Sequence[float], theta: float = 0.0) -> float:
    """p-value, in [2^-n, 1] (beyond 16 units [2^-16, 1], beyond 256 [2^-12, 1]), of the null that the centre is
    ``theta`` or less, against one that is greater."""
    means, tied = _means_and_tolerance(differences)
    return float((1 + np.searchsorted(means, theta + tied, side="right")) / (1 + len(means)))


def less(differences: Sequence[float], theta: float = 0.0) -> float:
    """p-value, in [2^-n, 1] (beyond 16 units [2^-16, 1], beyond 256 [2^-12, 1]), of the null that the centre is
    ``theta`` or more, against one that is less."""
    means, tied = _means_and_tolerance(differences)
    return float((1 + len(means) - np.searchsorted(means, theta - tied, side="left")) / (1 + len(means)))


def sign_flip(differences: Sequence[float], theta: float = 0.0) -> float:
    """Two-sided p-value, in [2^(1-n), 1] (beyond 16 units [2^-15, 1], beyond 256 [2^-11, 1]), of the null that the
    centre is ``theta``."""
    return min(1.0, 2 * min(greater(differences, theta), less(differences, theta)))


def equivalence(differences: Sequence[float], low: float, high: float) -> float:
    """p-value of the null that the centre is outside (low, high): the larger of the one-sided ones against the ends
    (Schuirmann 1987, J. Pharmacokinet. Biopharm. 15)."""
    return max(greater(differences, low), less(differences, high))


def least_of_several(differences: Floats) -> float:
    r"""p-value, of the range of :func:`less`, of the null that none of K centres is below 0, for ``differences (n, K)``
    of n units at K readings, NaN where a unit was not read; 1 below `MINIMUM_PAIRS` units, or without a reading.

    The statistic is the smallest of the readings' standardised means, :math:`\min_k \sum_i d_{ik} / \sqrt{\sum_i
    d_{ik}^2}`, whose denominators no flip changes; units are flipped whole, so that readings may depend on each other
    as they do (Westfall & Young 1993, Resampling-Based Multiple Testing, 2.3; Nichols & Holmes 2002, Human Brain
    Mapping 15). Where all centres are 0 it is exact.
    """
    found = np.nan_to_num(differences)
    scale = np.sqrt((found**2).sum(0))
    found = found[:, scale > 0] / scale[scale > 0]
    if len(found) < MINIMUM_PAIRS or not found.size:
        return 1.0
    members, _ = _subsets(len(found))
    seen = float(found.sum(0).min())
    reached = 0
    for chunk in np.array_split(members, max(1, members.size // 2**18)):
        flipped = (1 - 2 * chunk.astype(np.float64)) @ found
        reached += int((flipped.min(1) <= seen + 1e-9).sum())
    return (1 + reached) / (1 + len(members))


def interval(differences: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The centres that the two-sided test does not reject; infinite where there are too few units for any end."""
    means, tied = _means_and_tolerance(differences)
    left_out = math.floor((1 + len(means)) * (1 - confidence) / 2)
    if left_out < 1:
        return -math.inf, math.inf
    low, high = float(means[left_out - 1]), float(means[-left_out])
    return (0.0 if abs(low) <= tied else low), (0.0 if abs(high) <= tied else high)


@lru_cache(maxsize=256)
def subset_means(differences: tuple[float, ...]) -> Floats:
    """Means of the nonempty subsets of n differences, ascending: all 2^n - 1, or 65,535 random ones beyond
    16, 4,095 beyond 256. They are of differences rounded to the grid, and not to be written into."""
    unit = _unit(differences)
    whole = np.rint(np.asarray(differences, dtype=np.float64) / unit)
    members, counts = _subsets(len(differences))
    chunks = np.array_split(members, max(1, members.size // 2**18))
    sums = np.concatenate([chunk.astype(np.float64) @ whole for chunk in chunks])
    means = np.sort(sums / counts * unit)
    means.flags.writeable = False
    return means


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjustment: max over j <= i of (m - j + 1) p_(j), at most 1, in the order given (Holm 1979,
    Scand. J. Statist. 6). A None, where nothing was tested, stays one and does not count."""
    tested = sorted((value, place) for place, value in enumerate(p) if value is not None)
    adjusted: list[float | None] = [None] * len(p)
    largest = 0.0
    for rank, (value, place) in enumerate(tested):
        adjusted[place] = largest = max(largest, min(1.0, (len(tested) - rank) * value))
    return adjusted


def holm_of_exclusive(p: Sequence[tuple[float, float] | None]) -> list[tuple[float, float] | None]:
    """Holm's adjustment of two p-values a question, whose two nulls exclude each other.

    Each question c has the null D_c, that there is no difference, and E_c, that it is as large as what matters or
    larger: at most one of them is true. So of 2m nulls no more than m are true at once, and a step may multiply by
    the number of true nulls that are possible after the rejections before it (Shaffer 1986, J. Amer. Statist. Assoc.
    81): by the number k of questions of which not both nulls are rejected yet. The smallest p-value that is left is
    rejected where k p <= α.

    This errs with probability at most α: let T hold the true nulls, at most one a question. Before the first of
    them is rejected, each question with a true null has that one left, so that k >= |T|; it is rejected at a p-value of
    at most α / |T|, and that any of |T| p-values is so small has probability at most α (Bonferroni). Directions are
    within it: at a centre of 0, D's p-value is two-sided; at one below 0, that the test says "above" with p <= x has
    probability x / 2, and where it lies below -e, it implies that E is rejected from below at x, which has probability
    x in all. Holm over the m differences alone would not do: a claim that is decided rightly, as a difference, may
    still have a true E_c. Nor would one member a claim, by its smaller p-value: up to 7% errors where 5% are asked.

    In the order given; a None, where nothing was tested, stays one and does not count. One question is not corrected.
    """
    tested = sorted((value, c, which) for c, pair in enumerate(p) for which, value in enumerate(pair or ()))
    adjusted: dict[tuple[int, int], float] = {}
    unsettled, largest = len(tested) // 2, 0.0
    for value, c, which in tested:
        adjusted[c, which] = largest = max(largest, min(1.0, unsettled * value))
        unsettled -= (c, 1 - which) in adjusted
    return [None if pair is None else (adjusted[c, 0], adjusted[c, 1]) for c, pair in enumerate(p)]


def variance_components(groups: Sequence[Sequence[float]]) -> tuple[float, float] | None:
    """Variances (between groups, within) of the one-way random effects model y_ij = μ + a_i + e_ij, from its analysis
    of variance: within = MS_w, between = (MS_b - MS_w) / n_0 or 0 if that is less, n_0 = (N - Σ n_i² / N) / (a - 1).

    None where there is one group, or none has two values (Searle, Casella & McCulloch 1992, Variance Components, 3.6).
    """
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    total, count = sizes.sum(), len(sizes)
    if count < 2 or total <= count:
        return None
    means = np.array([np.mean(group) for group in groups])
    grand = float((sizes * means).sum() / total)
    within = sum(float(((np.asarray(g) - mean) ** 2).sum()) for g, mean in zip(groups, means, strict=True))
    mean_within = within / float(total - count)
    mean_between = float((sizes * (means - grand) ** 2).sum()) / (count - 1)
    balanced = float(total - (sizes**2).sum() / total) / (count - 1)
    return max(0.0, (mean_between - mean_within) / balanced), mean_within


def _unit(differences: Sequence[float]) -> float:
    """The step of the grid."""
    return math.ldexp(1.0, max(-1000, math.frexp(max(map(abs, differences)))[1] - _GRID))


def _means_and_tolerance(differences: Sequence[float]) -> tuple[Floats, float]:
    """The means of subsets, and how near to them a value is equal: what rounding to the grid may change of a mean."""
    exact = tuple(map(float, differences))
    return subset_means(exact), _unit(exact) / 2 if any(exact) else 0.0


@lru_cache(maxsize=24)
def _subsets(n: int) -> tuple[NDArray[np.uint8], Floats]:
    """Nonempty subsets of n units as rows of 0 and 1, and their sizes."""
    if n <= EXACT_UNITS:
        numbers = np.arange(1, 2**n, dtype=np.int64)
        members = ((numbers[:, None] >> np.arange(n)) & 1).astype(np.uint8)
        return members, members.sum(axis=1, dtype=np.float64)
    wanted = RANDOM_SUBSETS if n <= _MANY else 2**12 - 1
    drawn = np.random.default_rng(n).integers(0, 2, (2 * wanted, n), dtype=np.uint8)
    _, first = np.unique(np.packbits(drawn, axis=1), axis=0, return_index=True)
    kept = drawn[np.sort(first)]
    members = kept[kept.any(axis=1)][:wanted]
    assert len(members) == wanted, f"{len(members)} subsets of {n}"
    return members, members.sum(axis=1, dtype=np.float64)
