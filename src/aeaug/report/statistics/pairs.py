"""Runs of two arms in pairs, and pairs in units: what may be flipped on its own.

A pair is one subset and one seed, in both arms. The unit of inference is the **subset**, one sample of the world: where
subsets and initialisations are crossed, the pairs of one subset are one unit, with their mean. The subset of a seed at
one size is contained in that at the next, so a unit keeps its name over sizes, and over several sizes it has the mean
of theirs, each with equal weight. Flipping sizes apart would count one sample several times. Where all runs share one
training set, nothing can be said of others: the unit is the **initialisation**, the seed.

A diverged run has no number, so its pair has no difference; but leaving the pair out would let an arm gain from every
seed it loses. So its difference may be anything up to the largest difference that was measured at any size of the
claim, and no less than the smallest effect that matters, on either side. A verdict is given where it is the same
wherever the diverged pairs are placed, and none where a size has diverged pairs alone. (Means of subsets grow with
each difference, and with them the estimate, both ends of its interval and every p-value: what holds with all of them
at their lowest and with all at their highest holds between.)

- A claim that an arm is better is not supported by the runs that the other arm lost, nor is one that it is worse
  refuted, or supported, by those it lost itself: eight diverged runs of eight say nothing about a distance. That they
  diverged is a metric of its own, ``diverged``, 0 or 1, which a claim may be about.
- With k of n units lost whole, the one-sided p is at least P(Binomial(n, 1/2) <= k), that of a sign test with k
  against the claim, however good the survivors are. (A unit that has lost some of its pairs has the mean of what is
  left and of those, placed, and may stand for the claim still.) To be decided at 0.05, two-sided, none of 8 pairs may
  be lost, one of 9 to 11, two of 12 to 14, five of 20 pairs of as many subsets.

A seed at which both runs diverged says nothing about their difference.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import TypeVar

from aeaug.report.arms import Arm
from aeaug.report.statistics.equal_seconds import at_equal_seconds
from aeaug.report.statistics.spread import deviations
from aeaug.report.statistics.trend import slope_weights, slopes
from aeaug.run.claims import EQUAL_SECONDS, Claim
from aeaug.run.records import RunRecord

__all__ = ["Key", "Pairs", "by_unit", "claim_pairs", "one_training_set", "over_claim", "over_sizes", "reaching",
           "sides"]  # fmt: skip

Unit = TypeVar("Unit", bound=Hashable)

Key = tuple[int, int]
"""Subset and seed."""


@dataclass(frozen=True)
class Pairs:
    """The pairs of two arms at one size.

    ``measured``: differences, treatment minus control on the metric's scale. ``diverged``: pairs in which one run did,
    and the largest difference, ``reach``, that these may have. ``unmeasured``: a run that is done lacks the number.
    ``open``: at least one run is neither done nor diverged. ``every``: all of them, and those in
    which both diverged. ``shared``: all on one training set. ``both``: what was measured in either run, the treatment's
    first, on the scale of the differences.
    """

    measured: Mapping[Key, float]
    diverged: tuple[Key, ...] = ()
    reach: float = 0.0
    unmeasured: tuple[Key, ...] = ()
    open: tuple[Key, ...] = ()
    every: tuple[Key, ...] = ()
    shared: bool = False
    both: Mapping[Key, tuple[float, float]] = field(default_factory=dict[Key, tuple[float, float]])

    @property
    def lost(self) -> int:
        """Number of those in which both runs diverged."""
        known = {*self.measured, *self.diverged, *self.unmeasured, *self.open}
        return sum(key not in known for key in self.every)

    @property
    def crossed(self) -> bool:
        """Whether a unit has several pairs: subsets crossed with initialisations."""
        return not self.shared and len({subset for subset, _ in self.every}) < len(self.every)

    def placed(self, side: int) -> dict[Key, float]:
        """All differences, with those of diverged pairs on the side -1 or +1."""
        return {**self.measured, **dict.fromkeys(self.diverged, side * self.reach)}


def claim_pairs(
    claim: Claim, treatment: Arm, control: Arm, reading: str | None = None, space: str | None = None
) -> Pairs:
    """Pair the runs of two arms of one group in the claim's metric, in its own reading and space or another."""
    where = reading or claim.reading, space or claim.space
    others = {run.key: run for run in control.runs}
    values: dict[Key, tuple[float, float]] = {}
    diverged, unmeasured, unfinished = [], [], []
    both = [run for run in treatment.runs if run.key in others]
    runs = [run for run in both if {run.state, others[run.key].state} != {"missing"}]
    for run in runs:  # what a third arm alone has is no pair of these two
        other = others[run.key]
        value, reference = _numbers(claim, run, other, *where)
        if {run.state, other.state} - {"done", "diverged"}:
            unfinished.append(run.key)
        if value is not None and reference is not None:
            values[run.key] = value, reference
        elif (value is not None and other.state == "diverged") or (reference is not None and run.state == "diverged"):
            diverged.append(run.key)
        elif {run.state, other.state} in ({"done"}, {"done", "diverged"}):
            unmeasured.append(run.key)
    shared = one_training_set((*treatment.runs, *control.runs), {*values, *diverged})
    if claim.of == "spread":
        apart = [_deviations({key: pair[place] for key, pair in values.items()}, shared) for place in (0, 1)]
        values = {key: (apart[0][key], apart[1][key]) for key in values}
    measured = {key: value - reference for key, (value, reference) in values.items()}
    # Of two deviations, neither below 0, the difference is no larger than the larger one: they are the reach.
    far = [number for pair in values.values() for number in pair] if claim.of == "spread" else measured.values()
    return Pairs(
        measured,
        tuple(diverged),
        max(map(abs, (*far, *claim.bounds))),
        tuple(unmeasured),
        tuple(unfinished),
        tuple(run.key for run in runs),
        shared,
        values,
    )


def _numbers(
    claim: Claim, run: RunRecord, other: RunRecord, reading: str, space: str
) -> tuple[float | None, float | None]:
    """What the two runs of a pair are compared by."""
    if reading == EQUAL_SECONDS:
        return at_equal_seconds(run, other)
    return run.on_scale(claim.measure, reading, space), other.on_scale(claim.measure, reading, space)


def _deviations(values: Mapping[Key, float], by_seed: bool) -> dict[Key, float]:
    """Those of one arm: of every pair that of its unit, whose value is the mean of its initialisations."""
    found = deviations(by_unit(values, by_seed=by_seed))
    return {key: found[key[int(by_seed)]] for key in values}


def reaching(sizes: Sequence[Pairs]) -> list[Pairs]:
    """The pairs of all ``sizes`` of a claim, with one reach for their diverged ones: the largest of theirs."""
    reach = max((found.reach for found in sizes), default=0.0)
    return [replace(found, reach=reach) for found in sizes]


def one_training_set(runs: Iterable[RunRecord], keys: Iterable[Key]) -> bool:
    """Whether the ``runs`` under these ``keys``, several of them, are known to share one set of training images."""
    wanted = set(keys)
    sets = [run.words.get("data.subset_sha256") for run in runs if run.key in wanted]
    return len(wanted) > 1 and None not in sets and len(set(sets)) == 1


def by_unit(differences: Mapping[Key, float], *, by_seed: bool = False) -> dict[int, float]:
    """The mean difference of each subset, or with ``by_seed`` of each initialisation."""
    gathered: dict[int, list[float]] = defaultdict(list)
    for (subset, seed), difference in differences.items():
        gathered[seed if by_seed else subset].append(difference)
    return {unit: fmean(found) for unit, found in gathered.items()}


def over_sizes(sizes: Sequence[Mapping[Unit, float]]) -> dict[Unit, float]:
    """The mean over sizes of each unit, or pair, that has all of them, every size with equal weight."""
    if not sizes:
        return {}
    return {unit: fmean(size[unit] for size in sizes) for unit in sizes[0] if all(unit in size for size in sizes)}


def over_claim(claim: Claim, sizes: Sequence[int | None], units: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """What the test of a claim flips: of each unit that has a difference at all ``sizes`` their mean, or its slope."""
    return slopes([n for n in sizes if n is not None], units) if claim.of == "trend" else over_sizes(units)


def sides(claim: Claim, sizes: Sequence[int | None], side: int) -> list[int]:
    """On which side a diverged pair of each size lies where the claim's estimate is at its lowest, -1, or highest."""
    if claim.of != "trend" or len(sizes) < 2:
        return [side] * len(sizes)
    weights = slope_weights([n for n in sizes if n is not None])
    return [side if weight >= 0 else -side for weight in weights]
