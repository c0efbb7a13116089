"""Verdicts on claims: one for each claim and each training-set size, with the evidence in one sentence.

`decision` has the rule, and how often it errs; `pairs` says how diverged runs are counted. With a metric that has no
better side, a claim stays inconclusive as soon as one run of a pair diverged.

The claims are those that the configs of the runs state: a config is written before its run starts, so a claim that is
in all of them stood before any result did, and one that is in some of them is flagged. A claim is what all its fields
say: with another smallest effect it is another claim.
"""

from dataclasses import dataclass, replace

from aeaug.report.collect import Arm, Experiment, Group
from aeaug.report.comparison import amount
from aeaug.report.decision import Outcome, decide, effect_text
from aeaug.report.pairs import Pairs, claim_pairs
from aeaug.report.statistics import Paired, of_differences, with_holm
from aeaug.run.claims import Claim, arm_name, read_claims

__all__ = ["Verdict", "verdicts"]

_NO_PAIRS = Pairs({}, {}, (), ())


@dataclass(frozen=True)
class Verdict:
    """What the runs of one training-set size say of one claim.

    `reason` is half a sentence. `treatment` and `control` are the arms, None where the group has no run of it.
    `paired` holds the differences on the metric's scale, with those stood in for; None without any pair. `tests` is
    the number of p-values that Holm's correction runs over. The claim is `stated` in so many of the `configs` of the
    experiment's runs.
    """

    claim: Claim
    group: Group
    outcome: Outcome
    reason: str
    treatment: Arm | None
    control: Arm | None
    paired: Paired | None
    found: Pairs
    tests: int
    stated: int
    configs: int

    @property
    def words(self) -> str:
        """The verdict with its reason, as in `inconclusive: too few seeds`."""
        return f"{self.outcome}: {self.reason}"

    @property
    def size(self) -> str:
        """The group's size in words: the number of training images, or `all`."""
        return self.group.size

    @property
    def pairs(self) -> int:
        """Number of pairs that say something."""
        return len(self.paired.seeds) if self.paired is not None else 0

    @property
    def p_holm(self) -> float | None:
        """Sign-flip p-value, Holm-corrected over all claims of the report; None below six pairs."""
        return self.paired.p_holm if self.paired is not None else None

    @property
    def diverged(self) -> tuple[int, int]:
        """Number of diverged runs of treatment and control."""
        treatment, control = (arm.count("diverged") if arm else 0 for arm in (self.treatment, self.control))
        return treatment, control

    @property
    def stood_in(self) -> tuple[int, ...]:
        """Seeds of the pairs in which one run diverged."""
        return tuple(sorted(self.found.stood_in))

    @property
    def late(self) -> bool:
        """Whether some runs were started without this claim in their config."""
        return self.stated < self.configs

    @property
    def sentence(self) -> str:
        """The evidence in one plain sentence, with its figures."""
        parts = [self._figures(), self._plan(), *self._divergences(), *self._timing()]
        return "; ".join(parts) + "."

    def _figures(self) -> str:
        claim, metric = self.claim, self.claim.measure
        text = f"{claim.treatment} against {claim.control}"
        if self.paired is None:
            return f"{text}: no pair of {metric.label}"
        shown = self.paired.differences
        middle = amount(self.paired.median, metric)
        text += f": {metric.label} {middle}, "
        text += "one pair of seeds" if self.pairs == 1 else f"median of {self.pairs} pairs of seeds"
        agree = sum(claim.sign * difference > 0 for difference in shown)
        agreeing = f"{claim.direction} in {agree} of {self.pairs}"
        if self.paired.interval is None or self.paired.p is None or self.paired.p_holm is None:
            ends = f"{amount(min(shown), metric)} to {amount(max(shown), metric)}, " if self.pairs > 1 else ""
            return f"{text} ({ends}{agreeing})"
        low, high = (amount(end, metric) for end in self.paired.interval)
        text += f" (95% interval {low} to {high}, sign-flip p = {self.paired.p:.2g}"
        if self.tests > 1:
            text += f", {self.paired.p_holm:.2g} after Holm's correction over {self.tests} tests"
        return f"{text}, {agreeing}); the smallest effect that matters is {effect_text(claim)}"

    def _plan(self) -> str:
        planned = self.claim.seeds
        if self.pairs == planned:
            return f"all {planned} planned pairs" if planned > 1 else "the one planned pair"
        if self.pairs > planned:
            return f"{self.pairs} pairs, {planned} planned: seeds added after a look at results find more than there is"
        lacking = [
            f"{count} of {arm.name} {state}"
            for arm in (self.treatment, self.control)
            if arm is not None
            for state in ("running", "failed", "missing")
            if (count := arm.count(state))
        ]
        if self.found.unmeasured:
            lacking.append(f"{len(self.found.unmeasured)} done in both without this number")
        return f"{self.pairs} of {planned} planned pairs" + (f" ({', '.join(lacking)})" if lacking else "")

    def _divergences(self) -> list[str]:
        arms = [arm for arm in (self.treatment, self.control) if arm is not None]
        if not any(self.diverged):
            return []
        parts = ["diverged: " + ", ".join(f"{arm.count('diverged')} of {len(arm.runs)} {arm.name}" for arm in arms)]
        sizes = sorted(set(self.found.stood_in.values()))
        if sizes:
            which = " or ".join(amount(size, self.claim.measure) for size in sizes)
            count = len(self.found.stood_in)
            parts.append(
                f"{count} {'pair' if count == 1 else 'pairs'} with one diverged run counted as {which}, "
                "the largest difference there is, against that run's arm"
            )
        return parts

    def _timing(self) -> list[str]:
        return [f"stated in {self.stated} of {self.configs} runs, so not before all of them"] if self.late else []


def verdicts(experiment: Experiment) -> list[Verdict]:
    """The verdicts on every claim that a run's config states, claim by claim, each over all training-set sizes.

    Raises `ValueError` for a config whose claims are not readable, naming it.
    """
    stated = [read_claims(run.config, str(run.path / "config.yaml")) for run in experiment.runs if run.config]
    claims = dict.fromkeys(claim for there in stated for claim in there)
    rows = [
        _weighed(claim, group, sum(claim in there for there in stated), len(stated))
        for claim in claims
        for group in experiment.groups
    ]
    corrected = iter(with_holm([row.paired for row in rows if row.paired is not None]))
    rows = [replace(row, paired=next(corrected)) if row.paired is not None else row for row in rows]
    tests = sum(row.p_holm is not None for row in rows)
    return [_decided(row, tests) for row in rows]


def _weighed(claim: Claim, group: Group, stated: int, configs: int) -> Verdict:
    """The verdict as far as it goes without the other claims: its reason is empty where it is still to be decided."""
    # By the short name too, without the overrides that all variants of the experiment share.
    wanted = (claim.treatment, claim.control)
    named = [[arm for arm in group.arms if name in (arm.name, arm_name(arm.variant))] for name in wanted]
    faults = [
        f"no runs of {name}" if not arms else f"{len(arms)} variants are called {name}"
        for name, arms in zip((claim.treatment, claim.control), named, strict=True)
        if len(arms) != 1
    ]
    treatment, control = (arms[0] if len(arms) == 1 else None for arms in named)
    found = claim_pairs(claim, treatment, control) if treatment is not None and control is not None else _NO_PAIRS
    paired = of_differences(found.differences)
    if paired is not None and paired.enough and found.sideless:
        faults = [f"{claim.measure.label} has no worse side on which a diverged run could be counted"]
    reason = " and ".join(faults)
    return Verdict(claim, group, "inconclusive", reason, treatment, control, paired, found, 0, stated, configs)


def _decided(row: Verdict, tests: int) -> Verdict:
    if row.reason:
        return replace(row, tests=tests)
    outcome, reason = decide(row.claim, row.paired, tests)
    return replace(row, outcome=outcome, reason=reason, tests=tests)
