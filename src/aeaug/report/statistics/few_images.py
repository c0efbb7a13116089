"""How much of a difference between arms the choice of the test images makes, where these are few: by the jackknife of
:mod:`aeaug.evaluation.few_images`, of the mean difference over units.

The test images are the same in all runs, so that what they make is no part of the spread over seeds or subsets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from aeaug.evaluation.few_images import jackknife
from aeaug.evaluation.metric import Metric
from aeaug.report.arms import Arm
from aeaug.report.statistics.pairs import Key, by_unit, over_claim
from aeaug.run.claims import Claim
from aeaug.run.records import RunRecord

__all__ = ["OfImages", "Size", "of_images"]

Size = tuple[int | None, Arm, Arm, Sequence[Key]]
"""A size of the training set, treatment and control there, and the pairs that were measured."""


@dataclass(frozen=True)
class OfImages:
    """``mean`` difference on the metric's scale, its standard ``error`` by the choice of the ``images``, and the
    ``half`` of a 95% interval."""

    images: int
    mean: float
    error: float
    half: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval over test images, for these runs."""
        return self.mean - self.half, self.mean + self.half


def of_images(claim: Claim, sizes: Sequence[Size], *, by_seed: bool) -> OfImages | None:
    """What the choice of the test images makes of the mean difference of the pairs; None where the metric is not
    measured without parts of them, where it is not the mean that is claimed about, and without pairs."""
    measure, parts = claim.measure, claim.measure.parts
    if parts < 2 or claim.of == "spread":
        return None
    mean, *without = (
        _mean(claim, sizes, metric, by_seed=by_seed)
        for metric in (measure, *(measure.without(part) for part in range(parts)))
    )
    found = [one for one in without if one is not None]
    if mean is None or len(found) < parts:
        return None
    images = min(int(run.counts.get("data.n_test", 0)) for _, arm, _, _ in sizes for run in arm.runs if run.counts)
    return OfImages(images, mean, *jackknife(found))


def _mean(claim: Claim, sizes: Sequence[Size], metric: Metric, *, by_seed: bool) -> float | None:
    """The mean over units of the difference in ``metric``; None where a run lacks it, and without units."""

    def scaled(run: RunRecord) -> float | None:
        return run.on_scale(metric, claim.reading, claim.space)

    units = []
    for _, treatment, control, keys in sizes:
        one, other = ({run.key: scaled(run) for run in arm.runs} for arm in (treatment, control))
        differences = {}
        for pair in keys:
            value, reference = one[pair], other[pair]
            if value is None or reference is None:
                return None
            differences[pair] = value - reference
        units.append(by_unit(differences, by_seed=by_seed))
    found = over_claim(claim, [size[0] for size in sizes], units)
    return fmean(found.values()) if found else None
