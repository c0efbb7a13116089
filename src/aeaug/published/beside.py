"""What else the pairs of a verdict say, size by size: numbers that its own has to be read by, and what its treatment
does against the control of all arms, where it is compared with another one.

Of two arms that harm one does more than the other, too, if it harms less; recall rises where images scatter.
"""

import math
from collections.abc import Collection, Iterable, Iterator
from statistics import fmean

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.reading import amount, decimals, number
from aeaug.published.markdown import code
from aeaug.report.arms import Arm
from aeaug.report.page import mark_text, telling_marks
from aeaug.report.statistics.comparison import values_of
from aeaug.report.statistics.exact_test import Paired, of_differences
from aeaug.report.statistics.pairs import Key, by_unit
from aeaug.report.verdict.judgement import SizeVerdict, Verdict
from aeaug.report.verdict.mark import Mark
from aeaug.run.claims import Claim
from aeaug.run.metrics import METRICS

__all__ = [
    "against_all",
    "against_control_of_all",
    "beside",
    "frechet_distances",
    "itself",
    "looks_at_size",
    "other_looks",
    "paired_at",
    "read_by",
    "said_of_frechet",
    "themselves",
]

_FD = METRICS["frechet_distance"]


def beside(row: Verdict) -> Iterator[str]:
    """A line each: the numbers of :func:`read_by`, and those of :func:`against_control_of_all`."""
    yield from read_by(row)
    yield from against_control_of_all(row)


def read_by(row: Verdict, but: Collection[str] = ()) -> Iterator[str]:
    """A line for each number that the claim's metric is to be read by, ``FD of these pairs: 100: −9.7%; …``; ``but``
    some, by their keys."""
    for key in row.claim.measure.read_by:
        metric = METRICS[key]
        found = ((size, paired_at(size, metric)) for size in row.sizes)
        if key not in but and (said := _said(found, metric)):
            yield f"{metric.label} of these pairs: {said}"


def against_control_of_all(row: Verdict) -> Iterator[str]:
    """A line each for the treatment and for its control against the control of all arms, where the claim is about FD
    against another arm, in its space."""
    if not said_of_frechet(row.claim):
        return
    for treatment in (True, False):
        found = [(size, *against_all(size, row.claim.space, treatment=treatment)) for size in row.sizes]
        names = {name for _, name, _ in found if name}
        if len(names) == 1 and (said := _said(((size, paired) for size, _, paired in found), _FD)):
            arm = row.claim.treatment if treatment else row.claim.control
            yield f"{code(arm)} against {code(*names)}: {said}"


def against_all(size: SizeVerdict, space: str, *, treatment: bool = True) -> tuple[str, Paired | None]:
    """FD of the treatment, or of its control, against the control of all arms at a size, and that one's name; empty and
    None where the claim's control is that one itself."""
    control = _control_of_all(size)
    if control is None:
        return "", None
    return control.name, _paired(size.treatment if treatment else size.control, control, _FD, size, space)


def said_of_frechet(claim: Claim) -> bool:
    """Whether a claim is about FD itself, at the end of the budget."""
    return (claim.metric, claim.of, claim.reading) == (_FD.key, "centre", "end")


def frechet_distances(row: Verdict) -> dict[str, str]:
    """FD itself by size, ``{"100": "500 → 452"}``: :func:`themselves`; nothing where the claim is not about it."""
    return themselves(row) if said_of_frechet(row.claim) else {}


def themselves(row: Verdict) -> dict[str, str]:
    """What is compared by size, without the treatment and with it."""
    found = {size.group.size: itself(size, row.claim) for size in row.sizes}
    return {size: " → ".join(_read(both, row.claim)) for size, both in found.items() if both is not None}


def itself(size: SizeVerdict, claim: Claim) -> tuple[float, float] | None:
    """What is compared at a size, of the control and of the treatment: means over the measured pairs, geometric ones of
    what differs by factors; None without a pair."""
    if not size.found.both:
        return None
    treatment, control = (fmean(pair[place] for pair in size.found.both.values()) for place in (0, 1))
    return (math.exp(control), math.exp(treatment)) if claim.at_size.scale == "log" else (control, treatment)


def _read(values: tuple[float, float], claim: Claim) -> list[str]:
    """FD in whole numbers, a small one with two digits, others as fine as they differ."""
    distance = claim.measure == _FD and claim.of != "spread"
    places = decimals(values if distance else [values[1] - values[0]]) if any(values) else 0
    return [number(value, places) for value in values]


def paired_at(size: SizeVerdict, metric: Metric) -> Paired | None:
    """The differences in another number of the pairs that were measured at a size; None where no pair has it."""
    return _paired(size.treatment, size.control, metric, size, among=size.found.measured)


def other_looks(row: Verdict) -> Iterator[str]:
    """Other readings and spaces that say something else: the other sign, less than half the effect, or an effect beyond
    chance where none is decided; beside no effect that alone."""
    for mark in telling_marks(row):
        decided = row.outcome in ("inconclusive", "no effect") and mark.beyond_chance
        differs = row.outcome != "no effect" and (not mark.agrees or _smaller(mark, row))
        if decided or differs:
            yield mark_text(mark, row.claim)


def looks_at_size(size: SizeVerdict, row: Verdict) -> Iterator[str]:
    """Of a size at which there is no effect, those readings and spaces that have one there, beyond chance."""
    if size.outcome != "no effect":
        return
    for mark in row.marks:
        for group, own in mark.sizes:
            if group is size.group and own.beyond_chance:
                yield f"{mark.name} {amount(own.paired.mean, row.claim.quantity)}"


def _control_of_all(size: SizeVerdict) -> Arm | None:
    """What the treatment's size compares it with, where that is not the claim's control itself."""
    if size.treatment is None or size.control is None:
        return None
    found = size.group.controls.get(size.treatment.name)
    return None if found is None or found.name == size.control.name else found


def _paired(
    treatment: Arm | None,
    control: Arm | None,
    metric: Metric,
    size: SizeVerdict,
    space: str | None = None,
    among: Collection[Key] | None = None,
) -> Paired | None:
    """The differences of ``treatment`` from ``control`` at a size, of all pairs that have a number or of those
    ``among`` some; None where there is none. ``space``: None for the leading one."""
    if treatment is None or control is None:
        return None
    one, other = values_of(treatment, metric, space), values_of(control, metric, space)
    keys = one.keys() & other.keys()
    differences = {key: one[key] - other[key] for key in (keys if among is None else keys & set(among))}
    return of_differences(by_unit(differences, by_seed=size.found.shared))


def _said(found: Iterable[tuple[SizeVerdict, Paired | None]], metric: Metric) -> str:
    """The mean at each size that has one."""
    return "; ".join(
        f"{size.group.size}: {amount(paired.mean, metric)}" for size, paired in found if paired is not None
    )


def _smaller(mark: Mark, row: Verdict) -> bool:
    """Whether another reading or space has less than half the effect, on the metric's scale."""
    return row.measured is not None and not mark.sizes and abs(mark.paired.mean) < abs(row.measured.mean) / 2
