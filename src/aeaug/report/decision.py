"""How a claim is decided by its pairs.

Let m be the median of the paired differences, I its 95% bootstrap interval, p the sign-flip p-value, Holm-corrected
over all claims of the report that have one, and [-e, e] the effects that do not matter.

- supported: I is entirely beyond zero on the claimed side, m is at least e there, and p <= 0.05
- refuted: I is entirely beyond zero on the other side, and p <= 0.05
- no effect: I lies inside [-e, e], and two one-sided sign-flip tests put the differences inside it too, at 0.05
- inconclusive: everything else, and always below six pairs: too few seeds

`tests` p-values under Holm's correction ask for more pairs than six: n pairs give no p below 2^(1-n), so that even
pairs that all agree decide nothing while tests x 2^(1-n) is above 0.05: 8 pairs are enough for 6 tests, 10 for 25.

The p-values are asked for because the percentile interval of a median is too short with few pairs: how often it errs
alone, how often with them, and what they cost is simulated in docs/evaluation.md.
"""

import math
from typing import Literal

from aeaug.report.statistics import Paired, equivalence
from aeaug.run.claims import Claim

__all__ = ["LEVEL", "Outcome", "decide", "effect_text"]

Outcome = Literal["supported", "refuted", "no effect", "inconclusive"]
LEVEL = 0.05


def decide(claim: Claim, paired: Paired | None, tests: int) -> tuple[Outcome, str]:
    """The rule above, and its reason; `paired` has its `p_holm`, corrected over `tests` p-values."""
    if paired is None or paired.interval is None or paired.p is None or paired.p_holm is None:
        return "inconclusive", "too few seeds"
    (low, high), effect = paired.interval, effect_text(claim)
    least, most = claim.measure.bounds(claim.smallest_effect)
    if not any(paired.differences):
        return "no effect", "both arms have the same number in every pair"
    side = (low > 0) - (high < 0)
    other = "higher" if claim.direction == "lower" else "lower"
    large = paired.median <= least if claim.sign < 0 else paired.median >= most
    if paired.p_holm <= LEVEL and side == claim.sign and large:
        return "supported", f"{claim.direction} beyond chance, at the median by {effect} or more"
    if paired.p_holm <= LEVEL and side == -claim.sign:
        return "refuted", f"{other} beyond chance"
    if least < low and high < most:
        if (p := equivalence(paired.differences, least, most)) <= LEVEL:
            return "no effect", f"if there is a difference, it is smaller than {effect}"
        return "inconclusive", f"the interval lies inside ±{effect}, but a test does not exclude so much (p = {p:.2g})"
    if side == 0:
        return "inconclusive", f"neither a difference nor one below {effect} is shown"
    if paired.p_holm > LEVEL:
        return "inconclusive", _not_sure(paired, tests)
    return "inconclusive", f"{claim.direction} beyond chance, but by less than {effect} at the median"


def effect_text(claim: Claim) -> str:
    """The smallest effect that matters as it is read: in percent on a log metric, else in the metric's units."""
    return f"{100 * claim.smallest_effect:g}%" if claim.measure.scale == "log" else f"{claim.smallest_effect:g}"


def _not_sure(paired: Paired, tests: int) -> str:
    if tests == 1:
        return f"p = {paired.p_holm:.2g}"
    text = f"p = {paired.p_holm:.2g} after Holm's correction over {tests} tests"
    pairs, needed = len(paired.seeds), 1 + math.ceil(math.log2(tests / LEVEL))
    return f"{text}, for which {pairs} pairs are too few: {needed} are the least" if pairs < needed else text
