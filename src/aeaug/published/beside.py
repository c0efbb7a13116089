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
from aeaug.report.pairs import Key, by_unit
from aeaug.report.statistics import Paired, of_differences
from aeaug.run.claims import Claim
from aeaug.run.metrics import METRICS

__all__ = ["against_control_of_all", "beside", "frechet_distances", "paired_at", "read_by", "said_of_frechet"]

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
    """A line for the treatment against the control of all arms, where the claim is about FD against another arm, in its
    space."""
    if said_of_frechet(row.claim):
        controls = [(size, _control_of_all(size)) for size in row.sizes]
        names = {arm.name for _, arm in controls if arm is not None}
        found = ((size, _paired(size, arm, _FD, row.claim.space)) for size, arm in controls)
        if len(names) == 1 and (said := _said(found, _FD)):
            yield f"{code(row.claim.treatment)} against {code(*names)}: {said}"


def said_of_frechet(claim: Claim) -> bool:
    """Whether a claim is about FD itself, at the end of the budget."""
    return (claim.metric, claim.of, claim.reading) == (_FD.key, "centre", "end")


def frechet_distances(row: Verdict) -> dict[str, str]:
    """FD itself by size, ``{"100": "500 → 452"}``: geometric means over the measured pairs of the control and of the
    treatment; nothing where the claim is not about it."""
    if not said_of_frechet(row.claim):
        return {}
    said = {}
    for size in row.sizes:
        if size.treatment is not None and size.control is not None and size.found.measured:
            arms = (values_of(arm, _FD, row.claim.space) for arm in (size.control, size.treatment))
            means = [math.exp(np.mean([values[key] for key in size.found.measured])) for values in arms]
            said[size.group.size] = " → ".join(map(number, means))
    return said


def paired_at(size: SizeVerdict, metric: Metric) -> Paired | None:
    """The differences in another number of the pairs that were measured at a size; None where no pair has it."""
    return _paired(size, size.control, metric, among=size.found.measured)


def _control_of_all(size: SizeVerdict) -> Arm | None:
    """What the treatment's size compares it with, where that is not the claim's control itself."""
    if size.treatment is None or size.control is None:
        return None
    found = size.group.controls.get(size.treatment.name)
    return None if found is None or found.name == size.control.name else found


def _paired(
    size: SizeVerdict,
    control: Arm | None,
    metric: Metric,
    space: str | None = None,
    among: Collection[Key] | None = None,
) -> Paired | None:
    """The treatment's differences from ``control`` at a size, of all pairs that have a number or of those ``among``
    some; None where there is none. ``space``: None for the leading one."""
    if size.treatment is None or control is None:
        return None
    one, other = values_of(size.treatment, metric, space), values_of(control, metric, space)
    keys = one.keys() & other.keys()
    differences = {key: one[key] - other[key] for key in (keys if among is None else keys & set(among))}
    return of_differences(by_unit(differences, by_seed=size.found.shared))


def _said(found: Iterable[tuple[SizeVerdict, Paired | None]], metric: Metric) -> str:
    """The mean at each size that has one."""
    return "; ".join(
        f"{size.group.size}: {amount(paired.mean, metric)}" for size, paired in found if paired is not None
    )
