r"""Whether a treatment is steadier than its control: a claim of a spread in place of a centre.

Let v_au be the value of arm a in unit u on the metric's scale, of the U units of one size that were measured in both
arms; where subsets and initialisations are crossed, the mean over those that were measured in both arms, so that it is
the spread over subsets (with what is left of that between initialisations), and not one that seeds of one subset
narrow. Its deviation from the arm's median is

    a_au = |v_au - med_u v_au|,

and the paired differences a_tu - a_cu go through the test that all claims go through: over sizes a unit has the mean of
its differences, units are flipped whole. (Brown & Forsythe 1974, J. Amer. Statist. Assoc. 69, who compare such
deviations of independent samples; here they are paired by unit.) The estimate is the difference of mean absolute
deviations, of log FD where it is one of FD: 0.05 is about 5% of FD. For normal values the standard deviation is 1.25
mean absolute deviations. A shift of either arm changes nothing.

Were the centres known, two arms of equal spread, centred, would be exchangeable within a unit, and flips exact. A
sample's own median lies amid its values, and ties their deviations together: with equal spread the test then rejects
less often than it may (docs/evaluation.md has how often). Two arms of unequal spread have skewed differences, and a
sample's deviations are a few percent smaller than those from a true centre: "no effect" errs more often than it may
where the spreads differ by exactly what matters.

A pair with a diverged run may have any difference up to the largest deviation of a unit in either arm, and no less than
the smallest effect, on either side: a difference of two deviations, neither below 0, is no larger than the larger of
them, and the run that is lost is taken to be no further out than the furthest that was measured. That it may be further
is why ``diverged`` is a metric of its own. The medians are those of the measured pairs.
"""

from collections.abc import Hashable, Mapping
from statistics import median
from typing import TypeVar

__all__ = ["deviations"]

Unit = TypeVar("Unit", bound=Hashable)


def deviations(values: Mapping[Unit, float]) -> dict[Unit, float]:
    """``|v - median|`` of one arm's values by unit, in units of the values; none of none."""
    centre = median(values.values()) if values else 0.0
    return {unit: abs(value - centre) for unit, value in values.items()}
