"""A verdict as it is read: outcome, reason, evidence, and what a reader has to know of it."""

from dataclasses import dataclass

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.spaces import in_words
from aeaug.report.arms import Arm, Group
from aeaug.report.statistics.decision import Ends, Outcome
from aeaug.report.statistics.exact_test import Paired, of_differences
from aeaug.report.statistics.few_images import OfImages
from aeaug.report.statistics.pairs import Key, Pairs, by_unit, over_claim
from aeaug.report.verdict.mark import Mark
from aeaug.run.claims import EQUAL_SECONDS, Claim

__all__ = ["SizeVerdict", "Verdict"]

_ALONE = {
    "end": "at the end of the budget alone",
    "best": "at the best reading alone",
    EQUAL_SECONDS: "at equal seconds alone",
}


@dataclass(frozen=True)
class SizeVerdict:
    """What the runs of one size say of a claim. ``outcome`` is None where it was not tested.

    ``ends`` is None without any pair; ``finding`` tells kinds of help apart, and ``turn`` says when one turns
    into another; ``moving`` names the arms whose curves have not settled.
    """

    claim: Claim
    group: Group
    treatment: Arm | None
    control: Arm | None
    found: Pairs
    ends: Ends | None
    finding: str = ""
    turn: str = ""
    moving: tuple[str, ...] = ()
    outcome: Outcome | None = None
    reason: str = ""
    p: tuple[float, float] | None = None

    @property
    def kind(self) -> str:
        """What kind of help it is, and when it turns."""
        return self.finding + f" ({self.turn})" * bool(self.turn)

    @property
    def label(self) -> str:
        """What its differences are of."""
        return _label(self.claim, self.claim.at_size, by_seed=self.found.shared)

    @property
    def paired(self) -> Paired | None:
        """The pairs as they are shown: those that diverged stand against the claim."""
        return self.ends.of(self.claim.sign) if self.ends is not None else None

    @property
    def measured(self) -> Paired | None:
        """The differences by unit of the pairs that were measured."""
        return of_differences(by_unit(self.found.measured, by_seed=self.found.shared))

    @property
    def unit(self) -> str:
        """What it counts."""
        return "subset" if self.found.crossed else "pair"

    @property
    def begun(self) -> set[Key]:
        """The pairs of which there is a run in either arm, whatever became of it."""
        if self.treatment is None or self.control is None:
            return set()
        of_one, of_other = (
            {run.key for run in arm.runs if run.state != "missing"} for arm in (self.treatment, self.control)
        )
        return of_one & of_other

    @property
    def lost(self) -> frozenset[int]:
        """The units that have a pair in which one run diverged."""
        return frozenset(seed if self.found.shared else subset for subset, seed in self.found.diverged)


@dataclass(frozen=True)
class Verdict:
    """What the runs of one family say of one claim.

    ``reason`` is half a sentence. ``sizes``: the claim's, in ascending order, those that have runs; ``ends``: over all
    of them, None without any unit that has them all. ``p``: the corrected p-values of its two nulls, over ``tests``
    primary ones; None below six units. ``interaction``: the effect at each larger size minus that at the smallest.
    ``by_seed``: the units are initialisations. ``images``: what the choice of the test images makes, where these are
    few. ``late`` says how the claim came to be stated after a start; empty where all runs stated it before. ``facts``:
    what the numbers rest on.
    """

    claim: Claim
    family: str
    outcome: Outcome
    reason: str
    sizes: tuple[SizeVerdict, ...]
    ends: Ends | None
    late: str
    interim: bool
    exploratory: bool
    interaction: tuple[tuple[Group, Paired], ...] = ()
    marks: tuple[Mark, ...] = ()
    by_seed: bool = False
    images: OfImages | None = None
    tests: int = 0
    p: tuple[float, float] | None = None
    facts: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What its differences are of."""
        return _label(self.claim, self.claim.quantity, by_seed=self.by_seed)

    @property
    def paired(self) -> Paired | None:
        """The differences by unit as they are shown: pairs that diverged stand against the claim."""
        return self.ends.of(self.claim.sign) if self.ends is not None else None

    @property
    def measured(self) -> Paired | None:
        """The differences by unit of the pairs that were measured, at all sizes."""
        sizes = self.by_size
        return of_differences(over_claim(self.claim, list(sizes), list(sizes.values())))

    @property
    def by_size(self) -> dict[int | None, dict[int, float]]:
        """The differences by unit of the pairs that were measured at each size."""
        return {size.group.n_train: by_unit(size.found.measured, by_seed=self.by_seed) for size in self.sizes}

    @property
    def heading(self) -> str:
        """The outcome as it is headed: interim and exploratory before it, what it is bound to behind it. Of sizes that
        disagree what each of those says comes first: their average is that of no size."""
        if not self.disagree:
            return self.brief
        found = [
            f"{outcome} at {' and '.join(size.group.size for size in self.sizes if size.outcome == outcome)}"
            for outcome in ("supported", "refuted")
        ]
        after = [f"{self.outcome} on average", *self.limits[1:], *self._budget]
        return f"{self._before}{', '.join(found)} images; {', '.join(after)}"

    @property
    def brief(self) -> str:
        """The same, sizes that disagree as one."""
        after = [*self.limits, *self._budget]
        return self.short_heading + f" {', '.join(after)}" * bool(after)

    @property
    def short_heading(self) -> str:
        """The outcome, interim and exploratory before it: where what it is bound to is seen anyway."""
        return self._before + self.outcome

    @property
    def _before(self) -> str:
        before = ["interim"] * self.interim + ["exploratory"] * self.exploratory
        return f"{', '.join(before)}: " * bool(before)

    @property
    def _budget(self) -> list[str]:
        return ["at this budget"] * bool(self.moving)

    @property
    def disagree(self) -> bool:
        """Whether one of its sizes is supported and another refuted."""
        return {"supported", "refuted"} <= {size.outcome for size in self.sizes}

    @property
    def limits(self) -> tuple[str, ...]:
        """Where a verdict does not hold: a difference, where at some size, in another feature space or reading there is
        one beyond chance on the other side, or other test images, where these are few, might have the other sign; that
        there is none, where in another space or reading there is one, or on other images might be."""
        if self.outcome not in ("supported", "refuted", "no effect"):
            return ()
        said = []
        if self.disagree:
            said.append("on average of sizes that disagree")
        none = self.outcome == "no effect"
        against = {mark.of for mark in self.marks if (mark.beyond_chance if none else mark.contradicts)}
        if "space" in against:
            said.append(f"in {in_words(self.claim.space)} alone")
        if "reading" in against:
            said.append(_ALONE[self.claim.reading])
        if self.images is not None:
            low, high = self.images.interval
            least, most = self.claim.bounds
            if (low < least or high > most) if none else low <= 0 <= high:
                said.append(f"on these {self.images.images:,} test images alone")
        return tuple(said)

    @property
    def words(self) -> str:
        """The verdict with its reason, as in `inconclusive: too few seeds`."""
        return f"{self.outcome}: {self.reason}"

    @property
    def pairs(self) -> int:
        """Number of units that say something."""
        return len(self.paired.seeds) if self.paired is not None else 0

    @property
    def moving(self) -> tuple[str, ...]:
        """The arms whose curves have not settled at some size."""
        return tuple(dict.fromkeys(name for size in self.sizes for name in size.moving))

    @property
    def unit(self) -> str:
        """What it counts: pairs, or where subsets are crossed with initialisations, subsets."""
        return "subset" if any(size.found.crossed for size in self.sizes) and not self.by_seed else "pair"

    @property
    def counted(self) -> int:
        """Number of units that were measured."""
        return 0 if self.measured is None else len(self.measured.seeds)

    @property
    def diverged(self) -> tuple[int, int]:
        """Number of diverged runs of treatment and control, at all sizes."""
        return self._count(0, "diverged"), self._count(1, "diverged")

    @property
    def divergences(self) -> str:
        """How many runs of either arm diverged, and of how many."""
        there = ((self.claim.treatment, 0), (self.claim.control, 1))
        counts = [(name, place, self._count(place) - self._count(place, "missing")) for name, place in there]
        said = (f"{self.diverged[place]} of {count} {name}" for name, place, count in counts if count)
        return f"diverged: {', '.join(said)}"

    @property
    def found(self) -> int:
        """Number of units that have runs of both arms at all sizes, whatever became of them."""
        place = int(self.by_seed)
        units = [{key[place] for key in size.begun} for size in self.sizes]
        return len(set.intersection(*units)) if units else 0

    @property
    def beneath(self) -> tuple[SizeVerdict, ...]:
        """The sizes that have a line of their own: where there are several, or others are waited for, or one tells a
        kind of help."""
        several = len(self.sizes) > 1 or len(self.claim.sizes or ()) > len(self.sizes)
        return self.sizes if several or any(size.finding for size in self.sizes) else ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader has to know of the evidence, a phrase each."""
        planned, said = self.claim.seeds, []
        names = (self.claim.treatment, self.claim.control)
        if self.found > planned:
            said.append(
                f"{planned} {self.unit}s were planned: seeds added after a look at results find more than there is"
            )
        if self.pairs < planned:
            lacking = [
                f"{count} of {name} {state}"
                for place, name in enumerate(names)
                for state in ("running", "interrupted", "failed", "missing")
                if (count := self._waited_for(place, state))
            ]
            if unmeasured := sum(len(size.found.unmeasured) for size in self.sizes):
                lacking.append(f"{unmeasured} done without this number")
            if lost := sum(size.found.lost for size in self.sizes):
                lacking.append(f"{lost} diverged in both arms")
            said.append(f"of {planned} planned" + (f" ({', '.join(lacking)})" if lacking else ""))
        if any(self.diverged):
            said.append(self.divergences)
        if self.moving:
            said.append(f"validation FD of {' and '.join(self.moving)} still changes by 5% or more in the last quarter")
        if self.claim.sizes is None and len(self.sizes) > 1:
            said.append("its sizes were not stated: it is about those that there are")
        return (*said, *self.facts, *[self.late] * bool(self.late))

    def _waited_for(self, place: int, state: str) -> int:
        """Runs in this ``state`` of the pairs that there are: what a third arm alone has is waited for by no claim."""
        return sum(
            run.state == state and run.key in size.found.every
            for size in self.sizes
            if (arm := (size.treatment, size.control)[place]) is not None
            for run in arm.runs
        )

    def _count(self, place: int, state: str | None = None) -> int:
        arms = [(size.treatment, size.control)[place] for size in self.sizes]
        return sum(len(arm.runs) if state is None else arm.count(state) for arm in arms if arm is not None)


def _label(claim: Claim, metric: Metric, *, by_seed: bool) -> str:
    over = " over initialisations" if by_seed else " over subsets"
    return metric.label + over * (claim.of == "spread")
