"""The pairs a claim is judged by, diverged runs included: counted, not dropped (design, section 3).

A diverged run has no number, but it says something: by any metric that has a better side it is as bad as a run can
be. An arm judged by its survivors alone would gain from every seed it loses, so a seed at which exactly one of the two
runs diverged is a pair too. Its difference stands on the worse side for the arm that diverged, as large as the largest
of the measured differences, and no smaller than the smallest effect that matters.

- The size of the stand-in does not depend on the signs of the differences, and which of two runs diverges is a toss
  when the arms do not differ. So the sign-flip test stays exact.
- The median knows a stand-in by its rank alone while fewer than half of the pairs diverge on one side: a larger number
  would not change it.
- With k of n pairs lost by the treatment alone, the one-sided sign-flip p is at least P(Binomial(n, 1/2) <= k), that of
  a sign test with k against the claim, however good the survivors are. To be supported at 0.05, two-sided, an arm may
  lose none of 8 pairs, one of 9 to 11, two of 12 to 14, five of 20.

Simulated, 10 pairs, 1,000 times: arms that do not differ, but the worst third of the treatment's runs diverge, so that
its survivors look better. They alone were called supported in 23% of the repetitions, with stand-ins it was 0.8%.

A seed at which both runs diverged says nothing about their difference. Where a metric has no better side, a divergence
has no side either: the pair is left out, and the claim stays undecided (see `verdict`).
"""

from dataclasses import dataclass

from aeaug.report.collect import Arm
from aeaug.run.claims import Claim

__all__ = ["Pairs", "claim_pairs"]


@dataclass(frozen=True)
class Pairs:
    """Differences by seed, treatment minus control on the metric's scale: measured, and stood in for.

    `sideless` are seeds at which one run diverged and the metric has no better side, `unmeasured` those at which both
    runs are done and at least one lacks the number.
    """

    measured: dict[int, float]
    stood_in: dict[int, float]
    sideless: tuple[int, ...]
    unmeasured: tuple[int, ...]

    @property
    def differences(self) -> dict[int, float]:
        """All of them."""
        return self.measured | self.stood_in


def claim_pairs(claim: Claim, treatment: Arm, control: Arm) -> Pairs:
    """Pair the runs of two arms of one group by seed."""
    metric = claim.measure
    others = {run.seed: run for run in control.runs}
    measured: dict[int, float] = {}
    sides: dict[int, int] = {}
    unmeasured = []
    for run in treatment.runs:
        other = others[run.seed]
        value, reference = metric.on_scale(run), metric.on_scale(other)
        if value is not None and reference is not None:
            measured[run.seed] = value - reference
        elif (value is not None and other.state == "diverged") or (reference is not None and run.state == "diverged"):
            sides[run.seed] = _worse(claim) if run.state == "diverged" else -_worse(claim)
        elif run.state == other.state == "done":
            unmeasured.append(run.seed)
    largest = max(map(abs, (*measured.values(), *metric.bounds(claim.smallest_effect))))
    return Pairs(
        measured,
        {} if metric.better == "neither" else {seed: side * largest for seed, side in sides.items()},
        tuple(sides) if metric.better == "neither" else (),
        tuple(unmeasured),
    )


def _worse(claim: Claim) -> int:
    """The sign of a difference in which the treatment is worse."""
    return -1 if claim.measure.better == "higher" else 1
