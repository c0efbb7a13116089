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
            f"{self.name}: FD {abs(100 * change(middle)):.1f}% {side} than {self.control.variant}, "
            f"{'one pair of seeds' if pairs == 1 else f'median of {pairs} pairs of seeds'}"
        )
        if self.paired.interval is not None and self.paired.p_holm is not None:
            low, high = self.paired.interval
            text += f" (95% interval {percent(low)} to {percent(high)}, "
            text += f"Holm-corrected p = {self.paired.p_holm:.2g}, lower in {self.lower} of {pairs})"
        else:
            ends = sorted(self.paired.differences)
            reach = f" ({percent(ends[0])} to {percent(ends[-1])}, lower in {self.lower} of {pairs})"
            text += reach if pairs > 1 else ""
        lost = {arm.variant: arm.count("diverged") for arm in (self.treatment, self.control)}
        if any(lost.values()):
            text += f"; diverged, so not in it: {' and '.join(f'{n} of {arm}' for arm, n in lost.items() if n)}"
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
    held = str(min(counts)) if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
    held += " pair" if held == "1" else " pairs"
    enough = sum(count >= MINIMUM_PAIRS for count in counts)
    if enough == len(counts):
        tests = "1 test" if enough == 1 else f"{enough} tests, Holm-corrected together"
        return f"Paired over seeds, {held} per comparison; {tests}."
    few = f"{MINIMUM_PAIRS} pairs are the least that can give an interval or a p-value"
    if enough:
        return (
            f"Too few seeds in {len(counts) - enough} of {len(counts)} comparisons ({held} each; {few}): "
            "those claim nothing and show only what these runs did."
        )
    return (
        f"Too few seeds: {held} per comparison, and {few}. Nothing is claimed; this is what these runs show, no more."
    )


def change(difference: float) -> float:
    """Relative change of FD that a difference of logarithms stands for: exp(d) - 1."""
    return math.expm1(difference)


def percent(difference: float) -> str:
    """The same as signed percent, with a true minus sign."""
    return f"{100 * change(difference):+.1f}%".replace("-", "−")


def _log_fd(arm: Arm) -> dict[int, float]:
    return {seed: math.log(metrics.frechet_distance) for seed, metrics in arm.test().items()}
