"""Every treatment of an experiment against its control, and the sentence each comparison deserves.

Differences are those of one metric on its scale, by default log FD, over the seeds that are done in both arms. Only
arms of one training-set size are compared; Holm's correction runs over all comparisons of one metric.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aeaug.report.collect import Arm, Experiment
from aeaug.report.metrics import METRICS, Metric
from aeaug.report.statistics import MINIMUM_PAIRS, Paired, paired, with_holm

__all__ = ["Comparison", "amount", "change", "compare", "percent", "summary"]

_FD = METRICS["frechet_distance"]


@dataclass(frozen=True)
class Comparison:
    """One treatment against the control of its group; `paired` is None while no seed is done in both."""

    treatment: Arm
    control: Arm
    paired: Paired | None
    metric: Metric = _FD

    @property
    def name(self) -> str:
        """`treatment`, as its rows and figures name it."""
        return self.treatment.name

    @property
    def unpaired(self) -> int:
        """Seeds that are not done in both arms, and so say nothing here."""
        return len(self.treatment.runs) - (len(self.paired.seeds) if self.paired else 0)

    @property
    def lower(self) -> int:
        """Pairs in which the treatment has the lower value, say of FD."""
        return sum(difference < 0 for difference in self.paired.differences) if self.paired else 0

    @property
    def higher(self) -> int:
        """Pairs in which the treatment has the higher value."""
        return sum(difference > 0 for difference in self.paired.differences) if self.paired else 0

    @property
    def sentence(self) -> str:
        """What these runs show, with exactly the certainty they give."""
        if self.paired is None:
            return f"{self.name} cannot be compared with {self.control.name}: no seed is done in both."
        pairs = len(self.paired.seeds)
        text = (
            f"{self.name}: {self.metric.label} {self._distance(self.paired.median)} {self.control.name}, "
            f"{'one pair of seeds' if pairs == 1 else f'median of {pairs} pairs of seeds'}"
        )
        agree = f"higher in {self.higher}" if self.metric.better == "higher" else f"lower in {self.lower}"
        if self.paired.interval is not None and self.paired.p_holm is not None:
            low, high = (amount(end, self.metric) for end in self.paired.interval)
            text += f" (95% interval {low} to {high}, "
            text += f"Holm-corrected p = {self.paired.p_holm:.2g}, {agree} of {pairs})"
        elif pairs > 1:
            ends = amount(min(self.paired.differences), self.metric), amount(max(self.paired.differences), self.metric)
            text += f" ({ends[0]} to {ends[1]}, {agree} of {pairs})"
        lost = {arm.name: arm.count("diverged") for arm in (self.treatment, self.control)}
        if any(lost.values()):
            text += f"; diverged, so not in it: {' and '.join(f'{n} of {arm}' for arm, n in lost.items() if n)}"
        return text + "."

    def _distance(self, difference: float) -> str:
        if self.metric.scale == "log":
            return f"{abs(100 * change(difference)):.1f}% {'lower' if difference < 0 else 'higher'} than"
        if difference == 0:
            return "the same as"
        return f"{abs(difference):.3g} {'lower' if difference < 0 else 'higher'} than"


def compare(experiment: Experiment, metric: Metric = _FD) -> list[Comparison]:
    """All comparisons of `experiment` in `metric`, group by group, Holm-corrected together."""
    found = [
        Comparison(arm, group.control, paired(_values(arm, metric), _values(group.control, metric)), metric)
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
    """Relative change that a difference of logarithms stands for: exp(d) - 1."""
    return math.expm1(difference)


def percent(difference: float) -> str:
    """The same in signed percent, with a true minus sign."""
    return f"{100 * change(difference):+.1f}%".replace("-", "−")


def amount(difference: float, metric: Metric) -> str:
    """A difference on the metric's scale as it is read: signed percent on a log metric, else in the metric's units."""
    return percent(difference) if metric.scale == "log" else f"{difference:+.3g}".replace("-", "−")


def _values(arm: Arm, metric: Metric) -> dict[int, float]:
    return {run.seed: value for run in arm.runs if (value := metric.on_scale(run)) is not None}
