"""What a comparison comes to over training: whether it is settled at the budget, and what kind of help it is.

**Paired change against images shown**: at every reading on the validation slice, the mean over units of log FD of the
treatment minus that of the control, and its 95% interval, pointwise, from the same sign-flip test as everything else.
A unit is in it where both of its arms were read, at equally many images shown, whatever their budgets are matched on;
where a run diverges, its pair ends.

**Flat**: with M(b) the median over the seeds that are done of an arm's validation FD at the last reading no later than
b images, and B all that were shown, its curve is flat where |M(B) / M(3B/4) - 1| < 0.05. One without a reading before
its last quarter, or in it, is not shown to be flat.

**Findings** at one size, of a metric of images that has a better side. Let E and S be the paired differences at the end
of the budget and at the best validation FD ("oracle stopping"), each better, worse or open: its 95% interval lies
beyond zero on the better side, on the worse side, or neither; and better early, or worse early, whether at some reading
before the last the validation curve lies beyond zero on the side of lower FD, or of higher: one test of all these
readings, whose units are flipped whole (:func:`aeaug.report.statistics.exact_test.least_of_several`), at 2.5%, for
among 24 bands one by one there is a false one in a fifth of reports. In this order:

=========================== =======================================================
helps early, harms late     E is worse, and S is better or it was better early
harms                       E is worse, and S is worse
harms by the end            E is worse otherwise: what it harms is how long one may train
harms early, helps late     of FD alone: E is better, and it was worse early
helps                       E is better, and S is better
only delays overfitting     E is better, S is not, and E - S, by unit, is better too: stopped at its best, the control
                            loses nothing that can be shown, and what helps comes after that
helps at the end            E is better otherwise
helps early                 E is open, and S is better or it was better early
=========================== =======================================================

Otherwise there is no finding. These are intervals one by one, no tests: a finding describes, a verdict decides.

**Turn**, of an effect with another sign early: the two readings between which the mean of the validation curve has its
last change of sign; and those around them at which its band, pointwise, lies beyond zero on either side.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.reading import number
from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics.exact_test import CONFIDENCE, Paired, least_of_several, of_differences
from aeaug.report.statistics.pairs import by_unit, one_training_set

__all__ = ["FLAT", "TURNING", "Course", "finding", "flat", "paired_course", "turn"]

TURNING = ("helps early, harms late", "harms early, helps late")
"""Findings of an effect that had the other sign before."""

FLAT = 0.05
"""Relative change of the median over the last quarter of the budget below which a curve is flat."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Course:
    """Paired change of log validation FD, treatment minus control, at K readings.

    ``images (K,)``, shown so far; ``change (K,)``, the mean over units; ``low, high (K,)``, its 95% band, NaN below six
    units; ``pairs (K,)``, how many units there are; ``differences (U, K)`` of every unit, NaN where it was not read.
    """

    images: Floats
    change: Floats
    low: Floats
    high: Floats
    pairs: NDArray[np.int64]
    differences: Floats

    @property
    def better_early(self) -> bool:
        """Whether there is a reading before the last at which FD is lower, beyond chance among all of them."""
        return least_of_several(self.differences[:, :-1]) <= (1 - CONFIDENCE) / 2

    @property
    def worse_early(self) -> bool:
        """The same of a higher one."""
        return least_of_several(-self.differences[:, :-1]) <= (1 - CONFIDENCE) / 2


def paired_course(results: Results, group: Group, treatment: Arm, control: Arm, reading: str = "end") -> Course | None:
    """The paired change of two arms of ``group`` against images shown; None where no pair was read at one time.

    With ``reading`` "best" that of each arm's lowest validation FD so far: what oracle stopping would have by then.
    """
    curves = [_curve(results, group, arm) for arm in (treatment, control)]
    if any(curve is None for curve in curves):
        return None
    found = [curve.where(curve > 0) for curve in curves if curve is not None]
    logs = [np.log(curve.cummin(axis=1) if reading == "best" else curve) for curve in found]
    keyed = (logs[0] - logs[1]).dropna(axis=0, how="all").dropna(axis=1, how="all")
    if keyed.empty:
        return None
    shared = one_training_set((*treatment.runs, *control.runs), list(keyed.index))
    columns = [
        of_differences(by_unit({key: float(value) for key, value in keyed[images].dropna().items()}, by_seed=shared))
        for images in keyed.columns
    ]
    read = [paired for paired in columns if paired is not None]
    units = sorted({unit for paired in read for unit in paired.seeds})
    differences = np.full((len(units), len(read)), np.nan)
    for place, paired in enumerate(read):
        differences[[units.index(unit) for unit in paired.seeds], place] = paired.differences
    bands = np.array([paired.interval or (np.nan, np.nan) for paired in read])
    return Course(
        keyed.columns.to_numpy(dtype=np.float64),
        np.array([paired.mean for paired in read]),
        bands[:, 0],
        bands[:, 1],
        np.array([len(paired.seeds) for paired in read], dtype=np.int64),
        differences,
    )


def flat(results: Results, group: Group, arm: Arm) -> bool | None:
    """Whether the arm's validation FD has settled at the end of its budget: not where its runs have no curve though
    others have; None where no run is done, or there is no curve at all."""
    curve = _curve(results, group, arm, done=True)
    if curve is None:
        return False if _curves(results) and arm.count("done") else None
    medians = curve.dropna(axis=1).median(axis=0)
    budget = max((run.counts.get("images", 0.0) for run in arm.runs if run.state == "done"), default=0.0)
    before = medians[medians.index <= 0.75 * budget]
    if before.empty or len(medians[medians.index > 0.75 * budget]) < 1:
        return False
    return bool(abs(medians.iloc[-1] / before.iloc[-1] - 1) < FLAT)


def finding(metric: Metric, end: Paired | None, best: Paired | None, course: Course | None) -> str:
    """What kind of help it is, in the words of the table above; empty for none, and where there is the end alone."""
    if metric.better == "neither" or metric.place == "run" or (best is None and course is None):
        return ""
    at_end, at_best = _side(end, metric), _side(best, metric)
    early = at_best > 0 or (course is not None and course.better_early)
    if at_end < 0:
        return "helps early, harms late" if early else "harms" if at_best < 0 else "harms by the end"
    if at_end > 0:
        if metric.key == "frechet_distance" and course is not None and course.worse_early:
            return "harms early, helps late"
        after = _side(_minus(end, best), metric) > 0
        return "helps" if at_best > 0 else "only delays overfitting" if after else "helps at the end"
    return "helps early" if early else ""


def turn(course: Course | None) -> str:
    """Between which numbers of images shown the effect has its last change of sign, in words; empty where it has one
    sign."""
    if course is None:
        return ""
    above = course.change > 0
    if (above == above[-1]).all():
        return ""
    turned = int(np.flatnonzero(above != above[-1])[-1]) + 1  # the first reading after it
    beyond = np.where(course.low > 0, 1, np.where(course.high < 0, -1, 0))
    late = 1 if above[-1] else -1
    before, after = np.flatnonzero(beyond[:turned] == -late), turned + np.flatnonzero(beyond[turned:] == late)
    shown = _between(course, turned - 1, turned)
    said = f"turns {shown} images shown"
    if before.size and after.size and (band := _between(course, before[-1], after[0])) != shown:
        said += f", its 95% band {band}"
    return said


def _between(course: Course, first: int, last: int) -> str:
    return f"between {number(float(course.images[first]))} and {number(float(course.images[last]))}"


def _minus(one: Paired | None, other: Paired | None) -> Paired | None:
    """Differences by unit of two sets of differences."""
    if one is None or other is None:
        return None
    first, second = (dict(zip(each.seeds, each.differences, strict=True)) for each in (one, other))
    return of_differences({unit: first[unit] - second[unit] for unit in first.keys() & second.keys()})


def _side(paired: Paired | None, metric: Metric) -> int:
    """+1 where the interval lies on the better side, -1 on the worse, 0 where it holds 0 or is not known."""
    if paired is None or paired.interval is None:
        return 0
    low, high = paired.interval
    lower = (high < 0) - (low > 0)
    return lower if metric.better == "lower" else -lower


def _curve(results: Results, group: Group, arm: Arm, *, done: bool = False) -> pd.DataFrame | None:
    """Validation FD with a row for each subset and seed, a column for each count of images; None without any."""
    rows = _curves(results).get((results.groups.index(group), arm.name))
    if rows is not None and done:
        rows = rows[rows["state"] == "done"]
    if rows is None or rows.empty:
        return None
    curve = rows.pivot_table(index=["subset", "seed"], columns="images", values="value").sort_index(axis=1)
    curve = curve[curve.index.isin([run.key for run in arm.runs])]
    return None if curve.empty else curve


@lru_cache(maxsize=8)
def _curves(results: Results) -> dict[tuple[int, str], pd.DataFrame]:
    table = results.table
    if table.empty:
        return {}
    table = table[(table["metric"] == "frechet_distance") & (table["split"] == "validation")]
    table = table[(table["set"] == "generated") & table["images"].notna() & table["value"].notna()]
    return {(int(place), str(arm)): rows for (place, arm), rows in table.groupby(["group", "arm"])}
