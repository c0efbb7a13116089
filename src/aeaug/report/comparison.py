"""Every treatment against the control of its group, in any metric.

Differences are those of one metric on its scale, over the seeds that are done in both arms. Holm's correction runs over
all comparisons of one metric.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from aeaug.evaluation.metric import Metric
from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics import Paired, holm, paired

__all__ = ["Comparison", "compare", "reach"]


@dataclass(frozen=True)
class Comparison:
    """One treatment against the control of its group; ``paired`` is None while no seed is done in both."""

    group: Group
    treatment: Arm
    control: Arm
    metric: Metric
    paired: Paired | None

    @property
    def unpaired(self) -> int:
        """Seeds that are not done in both arms, and so say nothing here."""
        return len(self.treatment.runs) - (len(self.paired.seeds) if self.paired else 0)

    @property
    def lower(self) -> int:
        """Pairs in which the treatment has the lower value."""
        return sum(difference < 0 for difference in self.paired.differences) if self.paired else 0


@lru_cache(maxsize=128)
def compare(results: Results, metric: Metric, *, tested: bool = True) -> tuple[Comparison, ...]:
    """All comparisons in ``metric``, group by group, Holm-corrected together where they are ``tested``."""
    found = []
    for group in results.groups:
        for arm, control in group.compared:
            pairs = paired(_on_scale(arm, metric), _on_scale(control, metric), tested=tested)
            found.append(Comparison(group, arm, control, metric, pairs))
    p_holm = holm([row.paired.p if row.paired else None for row in found])
    return tuple(
        replace(row, paired=replace(row.paired, p_holm=p)) if row.paired else row
        for row, p in zip(found, p_holm, strict=True)
    )


def reach(paired: Paired) -> tuple[float, float]:
    """What a median stands beside: its interval, or below six pairs the smallest and largest difference."""
    return paired.interval or (min(paired.differences), max(paired.differences))


def _on_scale(arm: Arm, metric: Metric) -> dict[int, float]:
    return {run.seed: value for run in arm.runs if (value := run.on_scale(metric)) is not None}
