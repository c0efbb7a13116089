"""How often one arm is better than another: the paired probability of improvement.

θ = P(X is better than Y) of the two runs of one pair, a tie counted half. Agarwal et al. (2021, arXiv:2108.13264)
compare every run of one method with every run of the other, and so ask how often it wins in *another* world; here a
pair shares subset, initial weights and order of images, and θ asks how often it wins in the *same* world. What worlds
differ in drops out, so that a small but steady effect has a θ near 1: it says how sure a gain is, not how large. And n
pairs are n independent trials, not n² dependent ones: θ has an exact interval, that of Clopper & Pearson (1934,
Biometrika 26) from beta quantiles, where Agarwal et al. resample.

- The unit is that of :mod:`aeaug.report.statistics.pairs`. Where several pairs stand in one, over seeds or over sizes,
  it is won where they are won on average: θ is then the probability that a unit is won.
- With w units won, t tied and l lost, the interval reaches from the lower limit of w to the upper one of w + t of
  n = w + t + l: it holds θ with 95% however ties are counted.
- A run that diverged is worse than any that is done, and ties with another that diverged. (A difference it has not.)
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy.stats import beta

from aeaug.evaluation.metric import Metric
from aeaug.report.arms import Arm
from aeaug.report.statistics.exact_test import CONFIDENCE, Paired
from aeaug.report.statistics.pairs import Key, by_unit, one_training_set, over_sizes
from aeaug.run.records import RunRecord

__all__ = ["Improvement", "clopper_pearson", "improvement", "on_side"]


@dataclass(frozen=True)
class Improvement:
    """Numbers of units that the treatment ``won``, ``tied`` and ``lost``."""

    won: int
    tied: int
    lost: int

    @property
    def units(self) -> int:
        """All of them."""
        return self.won + self.tied + self.lost

    @property
    def probability(self) -> float:
        """The estimate of θ, in [0, 1]."""
        return (self.won + self.tied / 2) / self.units

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95% interval."""
        return clopper_pearson(self.won, self.units)[0], clopper_pearson(self.won + self.tied, self.units)[1]


def clopper_pearson(count: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The exact interval, in [0, 1], of a probability of which ``count`` of ``trials`` independent trials came true."""
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(beta.ppf(tail, count, trials - count + 1))
    high = 1.0 if count == trials else float(beta.ppf(1 - tail, count + 1, trials - count))
    return low, high


def improvement(
    arms: Iterable[tuple[Arm, Arm]], metric: Metric, sign: int, reading: str = "end", space: str | None = None
) -> Improvement | None:
    """How often the treatment is on the side ``sign``, -1 the lower or +1 the higher, of its control.

    ``arms``: treatment and control at one size, or at several: then over the units that have a pair at each. None
    without any unit.
    """
    sizes, shared = [], []
    for treatment, control in arms:
        others = {run.key: run for run in control.runs}
        won = {
            run.key: outcome
            for run in treatment.runs
            if run.key in others
            and (outcome := _outcome(run, others[run.key], metric, sign, reading, space)) is not None
        }
        sizes.append(won)
        shared.append(one_training_set((*treatment.runs, *control.runs), won))
    units = over_sizes([_units(won, all(shared)) for won in sizes])
    signs = [(value > 0) - (value < 0) for value in units.values()]
    return Improvement(signs.count(1), signs.count(0), signs.count(-1)) if signs else None


def on_side(paired: Paired, sign: int) -> Improvement:
    """How often the differences of ``paired``, none of which is lost, lie on the side ``sign``."""
    won, lost = (sum(side * difference > 0 for difference in paired.differences) for side in (sign, -sign))
    return Improvement(won, len(paired.differences) - won - lost, lost)


def _units(won: Mapping[Key, float], by_seed: bool) -> dict[int, float]:
    return by_unit(won, by_seed=by_seed)


def _outcome(
    run: RunRecord, other: RunRecord, metric: Metric, sign: int, reading: str, space: str | None
) -> float | None:
    """+1 where the pair is won, 0 where it is tied, -1 where it is lost; None where it is none."""
    one, two = (_rank(each, metric, reading, space) for each in (run, other))
    if one is None or two is None:
        return None
    return float(sign * ((one > two) - (one < two)))


def _rank(run: RunRecord, metric: Metric, reading: str, space: str | None) -> float | None:
    """The number, or what is worse than any where the run diverged; None where there is neither."""
    value = run.of(metric, reading=reading, space=space)
    if value is None and run.state == "diverged" and metric.better != "neither":
        return math.inf if metric.better == "lower" else -math.inf
    return value
