"""Every treatment against the control of its group, in any metric, at the end of the budget.

Differences are those of one metric on its scale, over the units that are done in both arms. Holm's correction runs over
all comparisons of one metric.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from aeaug.evaluation.metric import Metric
from aeaug.report.arms import Arm, Group
from aeaug.report.pairs import Key, by_unit, one_training_set
from aeaug.report.results import Results
from aeaug.report.statistics import Paired, holm, of_differences

__all__ = ["Comparison", "compare", "reach"]


@dataclass(frozen=True)
class Comparison:
    """One treatment against the control of its group; ``paired`` is None while no seed is done in both.
    ``differences``: of every pair, by its subset and seed; ``by_seed``: these share one training set, and the units are
    seeds."""

    group: Group
    treatment: Arm
    control: Arm
    metric: Metric
    paired: Paired | None
    differences: Mapping[Key, float]
    by_seed: bool = False

    @property
    def unpaired(self) -> int:
        """Runs that are not done in both arms, and so say nothing here."""
        return len(self.treatment.runs) - len(self.differences)

    @property
    def lower(self) -> int:
        """Units in which the treatment has the lower value."""
        return sum(difference < 0 for difference in self.paired.differences) if self.paired else 0


@lru_cache(maxsize=128)
def compare(results: Results, metric: Metric, *, tested: bool = True) -> tuple[Comparison, ...]:
    """All comparisons in ``metric``, group by group, Holm-corrected together where they are ``tested``."""
    found = []
    for group in results.groups:
        for arm, control in group.compared:
            one, other = _on_scale(arm, metric), _on_scale(control, metric)
            differences = {key: one[key] - other[key] for key in sorted(one.keys() & other.keys())}
            shared = one_training_set((*arm.runs, *control.runs), differences)
            pairs = of_differences(by_unit(differences, by_seed=shared))
            found.append(Comparison(group, arm, control, metric, pairs, differences, shared))
    p_holm = holm([row.paired.p if row.paired and tested else None for row in found])
    return tuple(
        replace(row, paired=replace(row.paired, p_holm=p)) if row.paired else row
        for row, p in zip(found, p_holm, strict=True)
    )


def reach(paired: Paired) -> tuple[float, float]:
    """What an estimate stands beside: its interval, or below six units the smallest and largest difference."""
    return paired.interval or (min(paired.differences), max(paired.differences))


def _on_scale(arm: Arm, metric: Metric) -> dict[Key, float]:
    return {run.key: value for run in arm.runs if (value := run.on_scale(metric)) is not None}
