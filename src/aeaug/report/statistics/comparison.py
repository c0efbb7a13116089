"""Every treatment against the control of its group, in any metric, at the end of the budget.

Differences are those of one metric on its scale, over the units that are done in both arms. What is said of their
certainty, interval and p, holds wherever pairs with a diverged run are placed, up to the largest difference that was
measured (:mod:`aeaug.report.statistics.pairs`). Holm's correction runs over all comparisons of one metric.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from aeaug.evaluation.metric import Metric
from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics.decision import Ends, ends_of
from aeaug.report.statistics.exact_test import Paired, holm, of_differences
from aeaug.report.statistics.pairs import Key, by_unit, one_training_set

__all__ = ["Comparison", "compare", "lost_pairs", "values_of"]


@dataclass(frozen=True)
class Comparison:
    """One treatment against the control of its group; ``paired`` is None while no seed is done in both.
    ``differences``: of every pair, by its subset and seed; ``by_seed``: these share one training set, and the units are
    seeds. ``ends``: the units with diverged pairs at their lowest and at their highest."""

    group: Group
    treatment: Arm
    control: Arm
    metric: Metric
    paired: Paired | None
    differences: Mapping[Key, float]
    by_seed: bool = False
    ends: Ends | None = None
    p_holm: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval of the centre; None below six units."""
        if self.ends is None or self.ends.low.interval is None or self.ends.high.interval is None:
            return None
        return self.ends.low.interval[0], self.ends.high.interval[1]

    @property
    def p(self) -> float | None:
        """The two-sided p-value of a centre of 0; None below six units."""
        return self.ends.difference if self.ends is not None and self.ends.enough else None

    @property
    def unpaired(self) -> int:
        """Runs that are not done in both arms, and so say nothing here."""
        return len(self.treatment.runs) - len(self.differences)

    @property
    def lower(self) -> int:
        """Units in which the treatment has the lower value."""
        return sum(difference < 0 for difference in self.paired.differences) if self.paired else 0


@lru_cache(maxsize=128)
def compare(
    results: Results, metric: Metric, *, tested: bool = True, space: str | None = None
) -> tuple[Comparison, ...]:
    """All comparisons in ``metric``, group by group, Holm-corrected together where they are ``tested``; ``space``: None
    for the leading one."""
    found = []
    for group in results.groups:
        for arm, control in group.compared:
            one, other = values_of(arm, metric, space), values_of(control, metric, space)
            differences = {key: one[key] - other[key] for key in sorted(one.keys() & other.keys())}
            lost = lost_pairs(arm, control, one, other)
            shared = one_training_set((*arm.runs, *control.runs), {*differences, *lost})
            pairs = of_differences(by_unit(differences, by_seed=shared))
            ends = _ends(differences, lost, shared)
            found.append(Comparison(group, arm, control, metric, pairs, differences, shared, ends))
    p_holm = holm([row.p if tested else None for row in found])
    return tuple(replace(row, p_holm=p) for row, p in zip(found, p_holm, strict=True))


def lost_pairs(arm: Arm, control: Arm, one: Mapping[Key, float], other: Mapping[Key, float]) -> list[Key]:
    """The pairs of which one run has a number and the other, which diverged, has none: whether it diverged is one."""
    diverged = [{run.key for run in runs.runs if run.state == "diverged"} for runs in (arm, control)]
    return [*((diverged[0] & other.keys()) - one.keys()), *((diverged[1] & one.keys()) - other.keys())]


def _ends(differences: Mapping[Key, float], lost: Iterable[Key], by_seed: bool) -> Ends | None:
    reach = max(map(abs, differences.values()), default=0.0)
    if not differences:
        return None
    return ends_of(by_unit({**differences, **dict.fromkeys(lost, side * reach)}, by_seed=by_seed) for side in (-1, 1))


def values_of(arm: Arm, metric: Metric, space: str | None = None, reading: str = "end") -> dict[Key, float]:
    """Its runs' numbers on the metric's scale, of those that have one; ``space``: None for the leading one."""
    return {run.key: value for run in arm.runs if (value := run.on_scale(metric, reading, space)) is not None}
