"""Performance profiles: the share of an arm's runs that come within a factor of the best that can be had.

F(τ) = #{runs with FD <= τ · floor} / n (Dolan & Moré 2002, Math. Program. 91, with the floor in place of the best
solver; Agarwal et al. 2021, arXiv:2108.13264, their run-score distribution). The floor is each run's own: the mean FD
of other real samples of the same size, in the same space. n counts the runs that came to an end: those that are done
and have both numbers, and those that diverged, which are below no τ, so that F may end below 1.

A profile is of one arm at a time. How sure the order of two is, paired differences show: the bands of arms that share
their subsets overlap long after the pairs have told them apart.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aeaug.evaluation.metric import Metric
from aeaug.report.arms import Arm
from aeaug.report.statistics.pairs import one_training_set
from aeaug.report.statistics.probability import clopper_pearson

__all__ = ["Profile", "profile"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """``ratios`` of FD to its floor, ascending, infinite for runs that diverged; ``independent``: each is a unit of its
    own, none shares its subset with another."""

    ratios: tuple[float, ...]
    independent: bool

    def share(self, tau: ArrayLike) -> Floats:
        """F at each of ``tau (K,)``, in [0, 1]."""
        return np.searchsorted(self.ratios, np.asarray(tau, dtype=np.float64), side="right") / len(self.ratios)

    def band(self, tau: ArrayLike) -> tuple[Floats, Floats] | None:
        """Ends of the 95% interval of F at each of ``tau (K,)``, exact, one by one (Clopper & Pearson); None where
        several runs share a subset: they are no independent trials."""
        if not self.independent:
            return None
        count = len(self.ratios)
        ends = np.array([clopper_pearson(round(share * count), count) for share in self.share(tau)]).reshape(-1, 2)
        return ends[:, 0], ends[:, 1]


def profile(arm: Arm, metric: Metric, reading: str = "end", space: str | None = None) -> Profile | None:
    """The profile of ``arm`` in a ``metric`` that is lower where it is better; None where no run is done with both
    numbers."""
    ratios = {}
    for run in arm.runs:
        value, floor = run.of(metric, reading=reading, space=space), run.of(metric, "real", space=space)
        if run.state == "diverged":
            ratios[run.key] = math.inf
        elif value is not None and floor is not None and floor > 0:
            ratios[run.key] = value / floor
    if not any(map(math.isfinite, ratios.values())):
        return None
    units = {key[int(one_training_set(arm.runs, ratios))] for key in ratios}
    return Profile(tuple(sorted(ratios.values())), len(units) == len(ratios))
