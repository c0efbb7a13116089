"""How a claim is decided by its pairs.

Let m be the mean of the paired differences by unit, [-e, e] the effects that do not matter, and take two nulls, which
exclude each other: D, that the differences are centred on 0, and E, that they are centred outside (-e, e). Both are
tested by sign flips (:mod:`aeaug.report.statistics.exact_test`; E of a metric that is 0 or 1 by counting, below), and
their p-values corrected over the primary tests of all claims of the report (`holm_of_exclusive`): the probability that
a report decides anything wrongly is at most 5%.

- supported: D is rejected, the differences lie beyond 0 on the claimed side, and m is at least e there
- refuted: D is rejected, and they lie on the other side
- no effect: E is rejected, and neither of these
- inconclusive: everything else, and always below six units: too few seeds

Of a metric that is 0 or 1, most units have no difference, and nothing can be flipped: where none of n runs diverged in
either arm, sign flips would call every effect impossible. There E is tested by how many units differ: a mean of at
least e asks for a probability of at least e that a unit's difference is above 0, for none is above 1, so that with b
of n above 0 its p-value is P(Binomial(n, e) <= b), and the same below 0 (exact, and too careful rather than not).

D is rejected only where 0 lies outside the 95% interval, for this comes from the same test. n units give no p below
2^(1-n): `pairs_needed` says how many units can decide one of so many claims.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from aeaug.report.statistics.exact_test import Paired, greater, less, of_differences
from aeaug.run.claims import LEVEL, Claim, pairs_needed

__all__ = ["LEVEL", "Ends", "Outcome", "decide", "effect_text", "ends_of"]

Outcome = Literal["supported", "refuted", "no effect", "inconclusive"]


@dataclass(frozen=True)
class Ends:
    """The pairs with those that diverged all at their lowest difference, and all at their highest; where none did,
    the two are the same."""

    low: Paired
    high: Paired

    @property
    def enough(self) -> bool:
        """Whether there are units enough for a test."""
        return self.low.enough

    @property
    def span(self) -> tuple[float, float]:
        """The 95% interval, or below six units the range, wherever the diverged pairs are placed."""
        return self.low.span[0], self.high.span[1]

    def of(self, side: int) -> Paired:
        """The one of them that is less favourable to a claim of the side -1 or +1."""
        return self.low if side > 0 else self.high

    @property
    def difference(self) -> float:
        """p-value of D, wherever the diverged pairs are placed."""
        return min(1.0, 2 * min(greater(self.low.differences), less(self.high.differences)))

    @property
    def side(self) -> int:
        """The side on which the differences lie, if they do on one: that of the smaller one-sided p-value."""
        above, below = greater(self.low.differences), less(self.high.differences)
        return (above < below) - (below < above)

    def none(self, claim: Claim) -> float:
        """p-value of E, wherever the diverged pairs are placed."""
        if claim.measure.binary:
            n, above, below = len(self.low.seeds), _above(self.high), _above(self.low, -1)
            return max(_at_most(count, n, claim.smallest_effect) for count in (above, below))
        least, most = claim.bounds
        return max(greater(self.low.differences, least), less(self.high.differences, most))

    def p(self, claim: Claim) -> tuple[float, float]:
        """The p-values of D and E."""
        return self.difference, self.none(claim)


def _above(paired: Paired, sign: int = 1) -> int:
    """How many units' differences lie above 0, or with -1 below."""
    return sum(sign * difference > 0 for difference in paired.differences)


def _at_most(count: int, n: int, probability: float) -> float:
    """P(Binomial(n, ``probability``) <= ``count``)."""
    return math.fsum(math.comb(n, k) * probability**k * (1 - probability) ** (n - k) for k in range(count + 1))


def ends_of(placed: Iterable[Mapping[int, float]]) -> Ends | None:
    """Of the units' differences with diverged pairs ``placed`` low, and high; None where there are no units."""
    low, high = map(of_differences, placed)
    if low is None or high is None:
        return None
    return Ends(low, low) if low == high else Ends(low, high)


def decide(
    claim: Claim, ends: Ends | None, p: tuple[float, float] | None, tests: int, *, alike: bool = False
) -> tuple[Outcome, str]:
    """The rule above, and its reason; ``p``, of D and E, is corrected over so many ``tests``. ``alike``: no pair has a
    difference, at any size: a unit without one may have some that cancel."""
    if ends is None or p is None or not ends.enough:
        return "inconclusive", "too few seeds"
    outcome, reason = _decided(claim, ends, p, alike)
    count = len(ends.low.seeds)
    if outcome == "inconclusive" and ends.low is not ends.high and count >= pairs_needed(tests):
        alone = {_decided(claim, Ends(end, end), Ends(end, end).p(claim), alike)[0] for end in (ends.low, ends.high)}
        if len(alone) > 1:
            return "inconclusive", "it depends on where the pairs with a diverged run are placed"
    if outcome == "inconclusive" and min(ends.p(claim)) <= LEVEL < min(p):
        return outcome, _not_sure(p, tests, count)
    return outcome, reason


def effect_text(claim: Claim) -> str:
    """The smallest effect that matters as it is read: in percent on a log scale, else in units of the difference."""
    return f"{100 * claim.smallest_effect:g}%" if claim.quantity.scale == "log" else f"{claim.smallest_effect:g}"


def _decided(claim: Claim, ends: Ends, p: tuple[float, float], alike: bool) -> tuple[Outcome, str]:
    difference, none = p
    effect, other = effect_text(claim), "higher" if claim.direction == "lower" else "lower"
    least, most = claim.bounds
    seen = ends.of(claim.sign)
    large = seen.mean <= least + seen.tied if claim.sign < 0 else seen.mean >= most - seen.tied
    if difference <= LEVEL and ends.side == claim.sign and large:
        return "supported", f"{claim.direction} beyond chance, on average by {effect} or more"
    if difference <= LEVEL and ends.side == -claim.sign:
        return "refuted", f"{other} beyond chance"
    if none <= LEVEL:
        small = f"if there is a difference, it is smaller than {effect}"
        what = "deviate equally" if claim.of == "spread" else "have the same number"
        return "no effect", f"both arms {what} in every pair, and {small}" if alike else small
    if difference <= LEVEL:
        return "inconclusive", f"{claim.direction} beyond chance, but on average by less than {effect}"
    return "inconclusive", f"neither a difference nor one below {effect} is shown"


def _not_sure(p: tuple[float, float], tests: int, pairs: int) -> str:
    difference, none = p
    which = f"{difference:.2g} of a difference" if difference <= none else f"{none:.2g} of no effect"
    text, needed = f"p = {which} after correction over {tests} tests", pairs_needed(tests)
    return f"{text}, for which {pairs} pairs are too few: {needed} are the least" if pairs < needed else text
