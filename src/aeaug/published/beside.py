"""What else the pairs of a verdict say, size by size: numbers that its own has to be read by, and what its treatment
does against the control of all arms, where it is compared with another one.

Of two arms that harm one does more than the other, too, if it harms less; recall rises where images scatter.
"""

from collections.abc import Callable, Collection, Iterator

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.reading import amount
from aeaug.published.markdown import code
from aeaug.report.arms import Arm
from aeaug.report.comparison import values_of
from aeaug.report.judgement import SizeVerdict, Verdict
from aeaug.report.pairs import Key, by_unit
from aeaug.report.statistics import of_differences
from aeaug.run.metrics import METRICS

__all__ = ["beside"]

_FD = METRICS["frechet_distance"]


def beside(row: Verdict) -> Iterator[str]:
    """A line for each number that the claim's metric is to be read by, ``FD of these pairs: 100: −9.7%; …``; and one
    for the treatment against the control of all arms, where the claim is about FD against another arm, in its space."""
    claim = row.claim
    for key in claim.measure.read_by:
        metric = METRICS[key]
        if said := _by_size(row, metric, lambda size: size.control, lambda size: size.found.measured):
            yield f"{metric.label} of these pairs: {said}"
    if (claim.metric, claim.of, claim.reading) == (_FD.key, "centre", "end"):
        controls = {size.group.n_train: _control_of_all(size) for size in row.sizes}
        names = {arm.name for arm in controls.values() if arm is not None}
        if len(names) == 1 and (
            said := _by_size(row, _FD, lambda size: controls[size.group.n_train], space=claim.space)
        ):
            yield f"{code(claim.treatment)} against {code(*names)}: {said}"


def _control_of_all(size: SizeVerdict) -> Arm | None:
    """What the treatment's size compares it with, where that is not the claim's control itself."""
    if size.treatment is None or size.control is None:
        return None
    found = size.group.controls.get(size.treatment.name)
    return None if found is None or found.name == size.control.name else found


def _by_size(
    row: Verdict,
    metric: Metric,
    control: Callable[[SizeVerdict], Arm | None],
    among: Callable[[SizeVerdict], Collection[Key]] | None = None,
    space: str | None = None,
) -> str:
    """The mean over pairs at each size, those that were measured, and are ``among`` some; empty where there is none.
    ``space``: None for the leading one."""
    found = []
    for size in row.sizes:
        other = control(size)
        if size.treatment is None or other is None:
            continue
        one, two = values_of(size.treatment, metric, space), values_of(other, metric, space)
        keys = one.keys() & two.keys() if among is None else one.keys() & two.keys() & set(among(size))
        differences = {key: one[key] - two[key] for key in keys}
        if (paired := of_differences(by_unit(differences, by_seed=size.found.shared))) is not None:
            found.append(f"{size.group.size}: {amount(paired.mean, metric)}")
    return "; ".join(found)
