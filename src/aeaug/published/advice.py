"""What to do with n training images: at each size the arm that the validation images choose, and what the test images
say of it.

The arm with the lowest validation FD at the end of the budget, by the mean of its pairs with the control; the change
that is told is of its test FD, with the interval of the same pairs. Other images choose than judge, but the same runs:
luck with a subset is in both. Of an arm that no claim is about that is said. What a second feature space says of it
stands beside: it chooses nothing, but where it shows no help, use is advised of the arm with the lowest validation FD
among those that help in every space, and of none where there is no such arm. Arms of which a run diverged come last:
their means are of the runs that are left; of one that has lost so many that none can be told, this is said. Arms of
fewer than six pairs do not stand for choice, nor do those that are shown real images beyond the training subset, or
more images in all than their control.
"""

from collections.abc import Iterator

from aeaug.evaluation.reading import percent
from aeaug.evaluation.spaces import in_words
from aeaug.published.commands import typed_arm
from aeaug.published.markdown import code
from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import Comparison, compare
from aeaug.report.statistics.course import paired_course
from aeaug.report.statistics.exact_test import MINIMUM_PAIRS
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.metrics import METRICS
from aeaug.run.options import is_upper_bound

__all__ = ["advice", "chosen", "elsewhere", "shown_to_help"]

_FD = METRICS["frechet_distance"]


def advice(results: Results) -> Iterator[str]:
    """A sentence or two for each size."""
    for group in results.groups:
        yield f"With **{group.size}** training images: {_advised(results, group)}{_lost(results, group)}"


def chosen(results: Results, group: Group) -> tuple[Comparison | None, int]:
    """The comparison of the arm with the lowest validation FD, where that is lower than its control's; and out of how
    many arms it is. Arms of which a run diverged come last: the mean is over those that did not."""
    found = _by_validation(results, group)
    better = [row for change, row in found if change < 0]
    return (better[0] if better else None), len(found)


def _by_validation(results: Results, group: Group) -> list[tuple[float, Comparison]]:
    """The arms that stand for choice, by the change of FD on the validation images, lowest first; those of which a run
    diverged come last."""
    found: list[tuple[bool, float, Comparison]] = []
    for row in _candidates(results, group):
        course = paired_course(results, group, row.treatment, row.control)
        if course is not None and course.pairs[-1] >= MINIMUM_PAIRS:
            found.append((row.treatment.count("diverged") > 0, float(course.change[-1]), row))
    return [(change, row) for _, change, row in sorted(found, key=lambda one: one[:2])]


def _candidates(results: Results, group: Group, space: str | None = None) -> list[Comparison]:
    """The arms of a size that stand for choice, compared by test FD; ``space``: None for the leading one."""
    return [
        row
        for row in compare(results, _FD, tested=False, space=space)
        if row.group is group and row.paired and row.paired.enough and not _sees_more(row.treatment, row.control)
    ]


def shown_to_help(best: Comparison) -> bool:
    """Whether FD on the test images is lower beyond chance."""
    return best.interval is not None and best.interval[1] < 0


def _advised(results: Results, group: Group) -> str:
    best, many = chosen(results, group)
    if not many:
        return f"nothing can be said yet, no arm has {MINIMUM_PAIRS} pairs with a control."
    arms = f"{many} arms" if many > 1 else "one arm"
    if best is None:
        return f"leave out all of them. Of {arms}, none has a lower FD than its control on the validation images."
    assert best.paired is not None
    name, control = _typed(best.treatment), code(best.control.name)
    said = f"{_change(best)} against {control} on the test images, {len(best.paired.seeds)} pairs."
    others = elsewhere(results, group, best.treatment)
    said += "".join(f" In {in_words(space)} it changes by {_change(row)}." for space, row in others.items())
    if any(row.treatment.count("diverged") for row in _candidates(results, group)):
        arms += ", those with a diverged run last,"
    if not shown_to_help(best):
        every = (row for space in results.spaces for row in _candidates(results, group, space))
        if any(map(shown_to_help, every)):
            opening = f"{name}, which the validation images choose, is not shown to help."
            return (
                f"{opening} Of {arms} it has the lowest FD on them; it changes FD by {said}{_helping(results, group)}"
            )
        lowest = f"Of {arms} {name} has the lowest FD on validation images"
        return f"nothing is shown to help. {lowest}; it changes FD by {said}"
    said = f"Of {arms} it has the lowest FD on the validation images; its FD changes by {said}"
    if best.treatment.name not in {row.claim.treatment for row in verdicts(results)}:
        said += " No claim was written down about it."
    if all(map(shown_to_help, others.values())):
        return f"use {name}. {said}"
    alone = f"is shown to help in {in_words(results.spaces[0])} alone"
    if (rows := _everywhere(results, group)) and len(results.spaces) > 1:
        first, *rest = rows
        helping = (
            f"use {_typed(first[0].treatment)}, of those that are shown to help{_in_every(results)} spaces the one "
        )
        helping += f"with the lowest FD on the validation images{_changes(first)}. "
        more = f" Shown to help{_in_every(results)}, too: {', '.join(map(_told, rest))}." * bool(rest)
        return f"{helping}{name}, which `augmentation=auto` takes, {alone}. {said}{more}"
    return f"{name} {alone}. {said}{_helping(results, group)}"


def _helping(results: Results, group: Group) -> str:
    """A sentence on the arms that are shown to help in every space."""
    both, helping = _in_every(results), ", ".join(map(_told, _everywhere(results, group)))
    return f" Shown to help{both}: {helping}." if helping else f" No arm is shown to help{both}."


def _in_every(results: Results) -> str:
    return {1: "", 2: " in both"}.get(len(results.spaces), " in all")


def _told(rows: tuple[Comparison, ...]) -> str:
    """An arm with its changes, one a space."""
    return f"{_typed(rows[0].treatment)}{_changes(rows)}"


def _changes(rows: tuple[Comparison, ...]) -> str:
    return f" ({' and '.join(map(_change, rows))})"


def _lost(results: Results, group: Group) -> str:
    """The arms that do not stand for choice because runs of theirs diverged."""
    there = {row.treatment.name for row in _candidates(results, group)}
    lost = (
        f"{code(arm.name)} ({count} of {len(arm.runs)} runs)"
        for arm in group.arms
        if arm.name in group.controls and arm.name not in there and (count := arm.count("diverged"))
    )
    said = ", ".join(lost)
    return f" Left out, for runs of it diverged: {said}." if said else ""


def elsewhere(results: Results, group: Group, arm: Arm) -> dict[str, Comparison]:
    """What FD says of an arm in each space but the leading one."""
    found = ((space, row) for space in results.spaces[1:] for row in _candidates(results, group, space))
    return {space: row for space, row in found if row.treatment.name == arm.name}


def _everywhere(results: Results, group: Group) -> list[tuple[Comparison, ...]]:
    """The arms that are shown to help in every space, by FD in each; that with the lowest validation FD first."""
    found = []
    for _, row in _by_validation(results, group):
        every = (row, *elsewhere(results, group, row.treatment).values())
        if len(every) == len(results.spaces) and all(map(shown_to_help, every)):
            found.append(every)
    return found


def _change(row: Comparison) -> str:
    assert row.paired is not None
    low, high = row.interval or (0.0, 0.0)
    return f"{percent(row.paired.mean)} [{percent(low)}, {percent(high)}]"


def _typed(arm: Arm) -> str:
    """An arm as it is typed: its name, or the overrides that it is made of."""
    overrides = typed_arm(arm.name)
    return code(" ".join(f"{key}={value}" for key, value in overrides.items()) if len(overrides) > 1 else arm.name)


def _sees_more(arm: Arm, control: Arm) -> bool:
    return is_upper_bound(arm.settings.get("source.name")) or any(
        arm.settings.get(key) != control.settings.get(key) for key in ("budget.images", "budget.match")
    )
