"""Verdicts on claims: one for each claim and each size of the training set.

`decision` has the rule, and how often it errs; `pairs` says how diverged runs are counted: a verdict holds wherever
their pairs are placed.

The claims are those that the runs state. A run writes them down before it starts, so a claim that all runs state, with
no image shown, stood before any result did; any other is marked as stated late. A claim is what all its fields say:
with another smallest effect it is another claim.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from aeaug.report.arms import Arm, Group
from aeaug.report.decision import Outcome, decide
from aeaug.report.pairs import Pairs, claim_pairs
from aeaug.report.results import Results
from aeaug.report.statistics import Paired, holm, of_differences
from aeaug.run.claims import Claim
from aeaug.run.records import StatedClaim

__all__ = ["Verdict", "verdicts"]


@dataclass(frozen=True)
class Verdict:
    """What the runs of one group say of one claim.

    `reason` is half a sentence. `treatment` and `control` are the arms, None where the group has no run of it. `ends`
    are the differences on the metric's scale, with those of diverged pairs all against the claim, and all for it; None
    without any pair. `p_holm` is the sign-flip p-value of the less favourable end, corrected over all `tests`; None
    below six pairs. `late` says how the claim came to be stated after a start; empty where all runs stated it before.
    """

    claim: Claim
    group: Group
    outcome: Outcome
    reason: str
    treatment: Arm | None
    control: Arm | None
    ends: tuple[Paired | None, ...]
    found: Pairs
    late: str
    tests: int = 0
    p_holm: float | None = None

    @property
    def paired(self) -> Paired | None:
        """The pairs as they are shown: those that diverged stand against the claim."""
        return self.ends[0]

    @property
    def words(self) -> str:
        """The verdict with its reason, as in `inconclusive: too few seeds`."""
        return f"{self.outcome}: {self.reason}"

    @property
    def pairs(self) -> int:
        """Number of pairs that say something."""
        return len(self.paired.seeds) if self.paired is not None else 0

    @property
    def diverged(self) -> tuple[int, int]:
        """Number of diverged runs of treatment and control."""
        treatment, control = (arm.count("diverged") if arm else 0 for arm in (self.treatment, self.control))
        return treatment, control

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader has to know of the evidence, a phrase each."""
        planned, said = self.claim.seeds, []
        arms = [arm for arm in (self.treatment, self.control) if arm is not None]
        if self.pairs > planned:
            said.append(f"{planned} pairs were planned: seeds added after a look at results find more than there is")
        elif self.pairs < planned:
            lacking = [
                f"{count} of {arm.name} {state}"
                for arm in arms
                for state in ("running", "interrupted", "failed", "missing")
                if (count := arm.count(state))
            ]
            if self.found.unmeasured:
                lacking.append(f"{len(self.found.unmeasured)} done in both without this number")
            said.append(f"of {planned} planned" + (f" ({', '.join(lacking)})" if lacking else ""))
        if any(self.diverged):
            counts = (f"{arm.count('diverged')} of {len(arm.runs)} {arm.name}" for arm in arms)
            said.append(f"diverged: {', '.join(counts)}")
        return (*said, *[self.late] * bool(self.late))


@lru_cache(maxsize=8)
def verdicts(results: Results) -> tuple[Verdict, ...]:
    """The verdicts on every claim that a run states, claim by claim, each over all groups of its family."""
    rows = [
        _weighed(claim, group, _late(statements))
        for family, members in results.families.items()
        for claim, statements in _stated(results, members).items()
        for group in results.groups
        if group.family == family
    ]
    # A verdict has one p-value, the less favourable one: Holm's correction runs over these.
    worst = [max((end.p for end in row.ends if end and end.p is not None), default=None) for row in rows]
    p_holm = holm(worst)
    tests = sum(p is not None for p in p_holm)
    return tuple(_decided(row, p, tests) for row, p in zip(rows, p_holm, strict=True))


def _stated(results: Results, experiments: tuple[str, ...]) -> dict[Claim, list[StatedClaim | None]]:
    """For each claim, what each run of the experiments that state it says of it; None for one that does not."""
    runs = [run for run in results.runs if run.settings and run.experiment in experiments]
    homes: dict[Claim, set[str]] = {}
    for run in runs:
        for said in run.statements:
            homes.setdefault(said.claim, set()).add(run.experiment)
    return {
        claim: [
            next((said for said in run.statements if said.claim == claim), None)
            for run in runs
            if run.experiment in experiments
        ]
        for claim, experiments in homes.items()
    }


def _late(statements: list[StatedClaim | None]) -> str:
    said = [statement for statement in statements if statement is not None]
    after = [statement for statement in said if statement.images]
    parts = []
    if len(said) < len(statements):
        parts.append(f"stated in {len(said)} of {len(statements)} runs, so not before all of them")
    if after:
        first = min(after, key=lambda statement: statement.images)
        parts.append(
            f"stated in {len(after)} of {len(statements)} runs after they had begun, "
            f"{first.stated} after {first.images:,} images at the earliest"
        )
    return "; ".join(parts)


def _weighed(claim: Claim, group: Group, late: str) -> Verdict:
    """The verdict as far as it goes without the other claims: its reason is empty where it is still to be decided."""
    arms, names = {arm.name: arm for arm in group.arms}, (claim.treatment, claim.control)
    treatment, control = map(arms.get, names)
    found = claim_pairs(claim, treatment, control) if treatment and control else Pairs({}, (), 0.0, ())
    against = of_differences(found.placed(-claim.sign))
    for_it = of_differences(found.placed(claim.sign)) if found.diverged else against
    reason = " and ".join(f"no runs of {name}" for name in names if name not in arms)
    return Verdict(claim, group, "inconclusive", reason, treatment, control, (against, for_it), found, late)


def _decided(row: Verdict, p_holm: float | None, tests: int) -> Verdict:
    ends = tuple(None if end is None else replace(end, p_holm=p_holm) for end in row.ends)
    row = replace(row, ends=ends, tests=tests, p_holm=p_holm)
    if row.reason:
        return row
    outcome, reason = decide(row.claim, row.paired, tests)
    if row.found.diverged and decide(row.claim, row.ends[1], tests)[0] != outcome:
        outcome, reason = "inconclusive", "it depends on where the pairs with a diverged run are placed"
    return replace(row, outcome=outcome, reason=reason)
