"""What to do with n training images: at each size the arm that the validation images choose, and what the test images
say of it.

The arm with the lowest validation FD at the end of the budget, by the mean of its pairs with the control; the change
that is told is of its test FD, with the interval of the same pairs. Other images choose than judge, but the same runs:
luck with a subset is in both. Arms of fewer than six pairs do not stand for choice, nor do those that are shown real
images beyond the training subset, or more images in all than their control.
"""

from collections.abc import Iterator

from aeaug.evaluation.reading import percent
from aeaug.published.markdown import code
from aeaug.report.arms import Arm, Group
from aeaug.report.comparison import Comparison, compare
from aeaug.report.course import paired_course
from aeaug.report.results import Results
from aeaug.report.statistics import MINIMUM_PAIRS
from aeaug.run.metrics import METRICS

__all__ = ["advice", "chosen"]

_FD = METRICS["frechet_distance"]


def advice(results: Results) -> Iterator[str]:
    """A sentence or two for each size."""
    for group in results.groups:
        yield f"With **{group.size}** training images: {_advised(results, group)}"


def chosen(results: Results, group: Group) -> tuple[Comparison | None, int]:
    """The comparison of the arm with the lowest validation FD, where that is lower than its control's; and out of how
    many arms it is."""
    found: list[tuple[float, Comparison]] = []
    for row in compare(results, _FD, tested=False):
        enough = row.group is group and row.paired is not None and row.paired.enough
        if enough and not _sees_more(row.treatment, row.control):
            course = paired_course(results, group, row.treatment, row.control)
            if course is not None and course.pairs[-1] >= MINIMUM_PAIRS:
                found.append((float(course.change[-1]), row))
    change, best = min(found, key=lambda one: one[0], default=(0.0, None))
    return (best if change < 0 else None), len(found)


def _advised(results: Results, group: Group) -> str:
    best, many = chosen(results, group)
    if not many:
        return f"nothing can be said yet, no arm has {MINIMUM_PAIRS} pairs with a control."
    arms = f"{many} arms" if many > 1 else "one arm"
    if best is None:
        return f"leave out all of them. Of {arms}, none has a lower FD than its control on the validation images."
    low, high = best.interval or (0.0, 0.0)
    assert best.paired is not None
    name, control = code(best.treatment.name), code(best.control.name)
    said = (
        f"{percent(best.paired.mean)} [{percent(low)}, {percent(high)}] against {control} on the test images, "
        f"{len(best.paired.seeds)} pairs."
    )
    if high < 0:
        return f"use {name}. Of {arms} it has the lowest FD on the validation images; its FD changes by {said}"
    return f"nothing is shown to help. Of {arms} {name} has the lowest FD on validation images; it changes FD by {said}"


def _sees_more(arm: Arm, control: Arm) -> bool:
    return arm.settings.get("source.name") == "fresh" or any(
        arm.settings.get(key) != control.settings.get(key) for key in ("budget.images", "budget.match")
    )
