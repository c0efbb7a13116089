"""Verdicts as a report says them: claim by claim, at every training-set size, and all of them in one sentence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aeaug.report.decision import Outcome, effect_text
from aeaug.report.drawing import Chart, Style
from aeaug.report.evidence import evidence
from aeaug.report.statistics import MINIMUM_PAIRS
from aeaug.report.verdict import Verdict
from aeaug.run.claims import Claim

__all__ = ["Judged", "VerdictLine", "judge", "verdict_summary"]

_OUTCOMES: tuple[Outcome, ...] = ("supported", "refuted", "no effect", "inconclusive")


@dataclass(frozen=True)
class VerdictLine:
    """The verdict on a claim at one training-set size: one of four words, half a sentence of reason, the evidence."""

    size: str
    outcome: Outcome
    reason: str
    sentence: str


@dataclass(frozen=True)
class Judged:
    """One claim with its verdict at each training-set size; `terms` is what would settle it, `chart` its pairs."""

    claim: Claim
    terms: str
    rows: tuple[VerdictLine, ...]
    chart: Chart | None


def judge(rows: Sequence[Verdict], looks: Mapping[str, Style]) -> list[Judged]:
    """`rows` by claim, in the order stated, each with a figure of its pairs."""
    claims = list(dict.fromkeys(row.claim for row in rows))
    found = []
    for place, claim in enumerate(claims, 1):
        here = tuple(row for row in rows if row.claim == claim)
        pairs = "pair of seeds" if claim.seeds == 1 else "pairs of seeds"
        terms = (
            f"{claim.measure.label} of {claim.treatment} {claim.direction} than that of {claim.control} by at least "
            f"{effect_text(claim)}, {claim.seeds} {pairs} planned."
        )
        lines = [VerdictLine(row.size, row.outcome, row.reason, row.sentence) for row in here]
        found.append(Judged(claim, terms, tuple(lines), evidence(here, place, looks)))
    return found


def verdict_summary(judged: Sequence[Verdict]) -> str:
    """How many verdicts there are on how many claims, and how they came out."""
    claims, sizes = len({row.claim for row in judged}), len({row.size for row in judged})
    counts = Counter(row.outcome for row in judged)
    came_out = ", ".join(f"{counts[outcome]} {outcome}" for outcome in _OUTCOMES if counts[outcome])
    few = sum(row.pairs < MINIMUM_PAIRS for row in judged)
    text = f"{claims} {'claim' if claims == 1 else 'claims'}"
    text += f" at {sizes} training-set sizes" if sizes > 1 else ""
    text += f": {came_out}."
    if few:
        which = "None has" if few == len(judged) else f"Only {len(judged) - few} of {len(judged)} have"
        text += f" {which} the {MINIMUM_PAIRS} pairs of seeds that are the least to decide anything."
    return text
