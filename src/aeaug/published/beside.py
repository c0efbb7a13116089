"""What else the pairs of a verdict say, size by size: numbers that its own has to be read by, and what its treatment
does against the control of all arms, where it is compared with another one.

Of two arms that harm one does more than the other, too, if it harms less; recall rises where images scatter.
"""

import math
from collections.abc import Collection, Iterable, Iterator

import numpy as np

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.reading import amount, number
from aeaug.published.markdown import code
from aeaug.report.arms import Arm
from aeaug.report.comparison import values_of
from aeaug.report.judgement import SizeVerdict, Verdict
from aeaug.report.mark import Mark
from aeaug.report.page import mark_text, telling_marks
from aeaug.report.pairs import Key, by_unit
from aeaug.report.statistics import Paired, of_differences
from aeaug.run.claims import Claim
from aeaug.run.metrics import METRICS

__all__ = [
    "against_all",
    "against_control_of_all",
    "beside",
    "frechet_distances",
    "itself",
    "other_looks",
    "paired_at",
    "read_by",
    "said_of_frechet",
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
    """FD itself by size, ``{"100": "500 → 452"}``: :func:`itself`; nothing where the claim is not about it."""
    if not said_of_frechet(row.claim):
        return {}
    found = ((size, itself(size, row.claim.space)) for size in row.sizes)
    return {size.group.size: " → ".join(map(number, both)) for size, both in found if both is not None}


def itself(size: SizeVerdict, space: str) -> tuple[float, float] | None:
    """FD of the control and of the treatment, geometric means over the measured pairs of a size; None without one."""
    if size.treatment is None or size.control is None or not size.found.measured:
        return None
    control, treatment = (values_of(arm, _FD, space) for arm in (size.control, size.treatment))
    keys = [key for key in size.found.measured if key in control and key in treatment]
    if not keys:
        return None
    low, high = (math.exp(np.mean([values[key] for key in keys])) for values in (control, treatment))
    return float(low), float(high)


def paired_at(size: SizeVerdict, metric: Metric) -> Paired | None:
    """The differences in another number of the pairs that were measured at a size; None where no pair has it."""
    return _paired(size.treatment, size.control, metric, size, among=size.found.measured)


def other_looks(row: Verdict) -> Iterator[str]:
    """Other readings and spaces that say something else: the other sign, less than half the effect, or an effect beyond
    chance where none is decided."""
    for mark in telling_marks(row):
        decided = row.outcome == "inconclusive" and mark.beyond_chance
        if not mark.agrees or decided or _smaller(mark, row):
            yield mark_text(mark, row.claim)


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
