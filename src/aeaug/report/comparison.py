"""Every treatment of an experiment against its control, on log FD, and the sentence each comparison deserves.

Only arms of one training-set size are compared; Holm's correction runs over all comparisons of the report.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aeaug.report.collect import Arm, Experiment
from aeaug.report.statistics import MINIMUM_PAIRS, Paired, paired, with_holm

__all__ = ["Comparison", "change", "compare", "percent", "summary"]


@dataclass(frozen=True)
class Comparison:
    """One treatment against the control of its group; `paired` is None while no seed is done in both."""

    treatment: Arm
    control: Arm
    paired: Paired | None

    @property
    def name(self) -> str:
        """`treatment`, as its rows and figures name it."""
        return self.treatment.variant

    @property
    def unpaired(self) -> int:
        """Seeds that are not done in both arms, and so say nothing here."""
        return len(self.treatment.runs) - (len(self.paired.seeds) if self.paired else 0)

    @property
    def lower(self) -> int:
        """Pairs in which the treatment has the lower FD."""
        return sum(difference < 0 for difference in self.paired.differences) if self.paired else 0

    @property
    def sentence(self) -> str:
        """What these runs show, with exactly the certainty they give."""
        if self.paired is None:
            return f"{self.name} cannot be compared with {self.control.variant}: no seed is done in both."
        pairs = len(self.paired.seeds)
        middle = self.paired.median
        side = "lower" if middle < 0 else "higher"
        text = (
            f"{self.name}: FD {abs(100 * change(middle)):.1f}% {side} than {self.control.variant} at the median of "
            f"{pairs} {'pair' if pairs == 1 else 'pairs'} of seeds"
        )
        if self.paired.interval is not None and self.paired.p_holm is not None:
            low, high = self.paired.interval
            text += f" (95% interval {percent(low)} to {percent(high)}, Holm-corrected p = {self.paired.p_holm:.2g})"
        else:
            ends = sorted(self.paired.differences)
            reach = f"from {percent(ends[0])} to {percent(ends[-1])}, " if pairs > 1 else ""
            text += f" ({reach}lower in {self.lower} of {pairs})"
        diverged = self.treatment.count("diverged"), self.control.count("diverged")
        if any(diverged):
            text += f"; diverged and not in this number: {diverged[0]} of {self.name}, {diverged[1]} of the control"
        return text + "."


def compare(experiment: Experiment) -> list[Comparison]:
    """All comparisons of `experiment`, group by group, Holm-corrected together."""
    found = [
        Comparison(arm, group.control, paired(_log_fd(arm), _log_fd(group.control)))
        for group in experiment.groups
        if group.control is not None
        for arm in group.treatments
    ]
    corrected = iter(with_holm([row.paired for row in found if row.paired is not None]))
    return [replace(row, paired=next(corrected)) if row.paired is not None else row for row in found]


def summary(comparisons: Sequence[Comparison]) -> str:
    """The one sentence that stands before any number: how much these comparisons can be trusted."""
    counts = [len(row.paired.seeds) if row.paired else 0 for row in comparisons]
    if not counts:
        return "Nothing is compared: there is no second arm, or no control to compare it with."
    if min(counts) < MINIMUM_PAIRS:
        held = f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
        return (
            f"Too few seeds: {held} {'pair' if held == '1' else 'pairs'} per comparison where {MINIMUM_PAIRS} are the "
            "least that can give an interval or a p-value, so nothing is claimed; the differences are what these "
            "runs show and no more."
        )
    return f"Paired over seeds, {min(counts)} to {max(counts)} pairs; p-values are Holm-corrected over {len(counts)}."


def change(difference: float) -> float:
    """Relative change of FD that a difference of logarithms stands for: exp(d) - 1."""
    return math.expm1(difference)


def percent(difference: float) -> str:
    """The same as signed percent, with a true minus sign."""
    return f"{100 * change(difference):+.1f}%".replace("-", "−")


def _log_fd(arm: Arm) -> dict[int, float]:
    return {seed: math.log(metrics.frechet_distance) for seed, metrics in arm.test().items()}
