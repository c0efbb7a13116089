"""The pairs a claim is judged by, diverged runs included: counted, not dropped.

A diverged run has no number, so its pair has no difference; but leaving the pair out would let an arm gain from every
seed it loses. So its difference may be anything up to the largest difference that was measured, and no less than the
smallest effect that matters, on either side. A verdict is given where it is the same wherever the diverged pairs are
placed: with all of them on one side, and with all on the other. (The mean of the sign-flip test, the median and its
interval all grow with each difference, so that what holds at both ends holds between them.)

- A claim that an arm is better is not supported by the runs that the other arm lost, nor is one that it is worse
  refuted, or supported, by those it lost itself: eight diverged runs of eight say nothing about a distance. That they
  diverged is a metric of its own, ``diverged``, 0 or 1, which a claim may be about.
- With k of n pairs lost, the one-sided sign-flip p is at least P(Binomial(n, 1/2) <= k), that of a sign test with k
  against the claim, however good the survivors are. To be decided at 0.05, two-sided, none of 8 pairs may be lost, one
  of 9 to 11, two of 12 to 14, five of 20.

A seed at which both runs diverged says nothing about their difference.
"""

from dataclasses import dataclass

from aeaug.report.arms import Arm
from aeaug.run.claims import Claim

__all__ = ["Pairs", "claim_pairs"]


@dataclass(frozen=True)
class Pairs:
    """Differences by seed, treatment minus control on the metric's scale; seeds of pairs in which one run ``diverged``,
    and the largest difference, ``reach``, that these may have; seeds at which both runs are done and at least one lacks
    the number."""

    measured: dict[int, float]
    diverged: tuple[int, ...]
    reach: float
    unmeasured: tuple[int, ...]

    def placed(self, side: int) -> dict[int, float]:
        """All differences, with those of diverged pairs on the side -1 or +1."""
        return self.measured | dict.fromkeys(self.diverged, side * self.reach)


def claim_pairs(claim: Claim, treatment: Arm, control: Arm) -> Pairs:
    """Pair the runs of two arms of one group by seed."""
    metric = claim.measure
    others = {run.seed: run for run in control.runs}
    measured: dict[int, float] = {}
    diverged, unmeasured = [], []
    for run in treatment.runs:
        other = others[run.seed]
        value, reference = run.on_scale(metric), other.on_scale(metric)
        if value is not None and reference is not None:
            measured[run.seed] = value - reference
        elif (value is not None and other.state == "diverged") or (reference is not None and run.state == "diverged"):
            diverged.append(run.seed)
        elif run.state == other.state == "done":
            unmeasured.append(run.seed)
    reach = max(map(abs, (*measured.values(), *metric.bounds(claim.smallest_effect))))
    return Pairs(measured, tuple(diverged), reach, tuple(unmeasured))
