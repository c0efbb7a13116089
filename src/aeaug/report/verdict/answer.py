"""The answer to "which option helps?", in one line: of an experiment whose claim says among which arms its treatment
was chosen, on seeds that are kept for tuning.

Nothing that chose is in the numbers: they are of other seeds, and of test images. So the claim is one that stood
before its runs: where no arm does anything, it is supported in no more than 2.5% of reports, and its 95% interval holds
what the chosen arm does in 95% of them.
"""

from collections.abc import Iterable

from aeaug.evaluation.reading import amount, percent
from aeaug.evaluation.spaces import in_words
from aeaug.report.statistics.exact_test import MINIMUM_PAIRS
from aeaug.report.verdict.judgement import Verdict
from aeaug.report.verdict.verdict import WAITING

__all__ = ["UNKNOWN", "answer", "choice"]

UNKNOWN = "has no number: a run of it or of the control diverged"
"""What is said of an arm whose change is None: which of the two diverged is not kept."""


def answer(found: Iterable[Verdict]) -> str:
    """Which option to use, and what it changes; or that nothing shows that any helps; or that this cannot be told yet.
    What helps in one feature space or reading, and harms in another, is not advised. Empty where no claim is about a
    choice."""
    return "; ".join(_answered(row) for row in _rows(found))


def choice(found: Iterable[Verdict]) -> str:
    """What every arm did to validation FD on the tuning seeds; empty where none was chosen."""
    said = []
    for row in _rows(found):
        tried = (
            f"{one.arm} {UNKNOWN if one.change is None else percent(one.change)}" for one in row.claim.chosen_among
        )
        said.append(
            f"{row.claim.treatment} was chosen by validation FD, on seeds that are kept for tuning, where the change "
            f"against {row.claim.control} was: {', '.join(tried)}."
        )
    return " ".join(said)


def _rows(found: Iterable[Verdict]) -> list[Verdict]:
    return [row for row in found if row.claim.chosen_among]


def _answered(row: Verdict) -> str:
    claim = row.claim
    if WAITING in row.facts:  # its own runs have come to their end, and more time would not add to them
        return f"it cannot be told yet, though all runs of this claim have come to their end: {WAITING}"
    if row.interim:
        ended = f"{row.counted} of {claim.seeds} pairs are measured"
        return f"too few minutes to tell: {ended}; the same command goes on"
    nothing = f"no evidence that any helps: {claim.treatment}, the best of {len(claim.chosen_among)} on tuning seeds"
    if row.ends is None or row.measured is None or row.pairs < MINIMUM_PAIRS:  # the others diverged in both arms
        return f"{nothing}: {row.reason}"
    low, high = (amount(end, claim.quantity) for end in row.ends.span)
    mean = amount(row.measured.mean, claim.quantity)
    measured = f", of which {row.counted} were measured" * (row.counted < row.pairs)
    over = ""
    if row.images is not None:
        least, most = (amount(end, claim.quantity) for end in row.images.interval)
        over = f" over seeds, {least} to {most} over test images, of which there are {row.images.images:,}"
    interval = f"[95% interval {low} to {high}{over}]"
    change = f"{row.label} {mean} {interval} in {in_words(claim.space)}, {row.pairs} pairs{measured}"
    if row.outcome == "supported" and row.limits:
        return (
            f"{claim.treatment} helps {', '.join(row.limits)}, so it is not advised: against {claim.control} {change}"
        )
    if row.outcome == "supported":
        return f"use {claim.treatment}: expected change against {claim.control}: {change}"
    return f"{nothing}: {change}"
