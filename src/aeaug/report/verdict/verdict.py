"""Verdicts on claims: one primary test for each claim, pooled over the sizes of the training set.

In :mod:`aeaug.report.statistics`, `decision` has the rule; `pairs` says what a unit is, and how diverged runs are
counted; `course` tells apart kinds of help. The correction for many tests runs over the primary tests of all claims
that are stated, those that have too few runs yet included, and over nothing else:

- Under a claim whose verdict is decided, unless it is about a trend over sizes, each of its sizes is tested by the
  same rule, corrected over all sizes of that claim. (So 5% are those of a claim, not of the report.) How the effect
  differs between sizes is shown with its interval.
- The other reading and the other feature space must agree in sign: a mark beside the verdict, and no test. Where sizes
  disagree they are asked at each size, for the sign of such an average says nothing.
- A difference says in its heading where it does not hold: **on average of sizes that disagree** where one of them is
  supported and another refuted, **in the classifier's features alone** (or whichever they are) or **at the end of the
  budget alone** where another space or reading has the other sign beyond chance, on average or, of sizes that disagree,
  at one of them, **on these test images alone** where they are few and others might have the other sign.

All verdicts of a report are **interim** until as many units as each claim planned have come to their end, done or
diverged, at all its sizes in both arms; a verdict is **exploratory** where the runs said that they were, and holds
**at this budget** where an arm's curve is not flat.

The claims are those that the runs state. A run writes them down before it starts, so a claim that all runs state, with
no image shown, stood before any result did; any other is marked as stated late. A claim is what all its fields say:
with another smallest effect it is another claim.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Literal

import numpy as np

from aeaug.evaluation.spaces import in_words
from aeaug.report.arms import Arm, Group, spaces_of
from aeaug.report.results import Results
from aeaug.report.statistics.course import TURNING, finding, flat, paired_course, turn
from aeaug.report.statistics.decision import Ends, decide, ends_of
from aeaug.report.statistics.exact_test import Paired, holm_of_exclusive, of_differences
from aeaug.report.statistics.few_images import of_images
from aeaug.report.statistics.pairs import Pairs, by_unit, claim_pairs, over_claim, reaching, sides
from aeaug.report.verdict.facts import facts
from aeaug.report.verdict.judgement import SizeVerdict, Verdict
from aeaug.report.verdict.mark import Mark, sign
from aeaug.run.claims import EQUAL_SECONDS, READINGS, TUNING, Claim
from aeaug.run.metrics import IN_EVERY_SPACE
from aeaug.run.records import RunRecord, StatedClaim

__all__ = ["WAITING", "Mark", "SizeVerdict", "Verdict", "verdicts"]

UNTESTED = (1.0, 1.0)
"""The p-values of what cannot be tested yet: it counts, or the first to be finished would be corrected for less."""
WAITING = "other claims of this report wait for runs"
"""The fact of a verdict that is interim for no other reason."""


@lru_cache(maxsize=32)  # what is published are more than a dozen, page after page
def verdicts(results: Results) -> tuple[Verdict, ...]:
    """The verdicts on every claim that a run states, claim by claim."""
    rows = [
        _weighed(results, claim, family, home, _late(statements))
        for family, members in results.families.items()
        for claim, (home, statements) in _stated(results, members).items()
    ]
    corrected = holm_of_exclusive([row.ends.p(row.claim) if row.ends and row.ends.enough else UNTESTED for row in rows])
    if any(row.interim for row in rows):
        rows = [row if row.interim else replace(row, interim=True, facts=(*row.facts, WAITING)) for row in rows]
    found = (_decided(row, p, len(rows)) for row, p in zip(rows, corrected, strict=True))
    return tuple(row if row.ends is None else replace(row, marks=_marks(row)) for row in found)


def _stated(
    results: Results, experiments: tuple[str, ...]
) -> dict[Claim, tuple[Collection[str], list[StatedClaim | None]]]:
    """For each claim, the experiments that state it, and what each of their runs says of it; None for one that does
    not."""
    runs = [run for run in results.runs if run.settings and run.stands.keys() & set(experiments)]
    homes: dict[Claim, set[str]] = {}
    said: dict[Claim, dict[int, StatedClaim]] = {}  # by the run's place among the runs
    for place, run in enumerate(runs):
        for experiment, statements in run.stands.items():
            for statement in statements:
                homes.setdefault(statement.claim, set()).add(experiment)
                said.setdefault(statement.claim, {}).setdefault(place, statement)
    return {
        claim: (home, [said[claim].get(place) for place, run in enumerate(runs) if run.stands.keys() & home])
        for claim, home in homes.items()
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


def _weighed(results: Results, claim: Claim, family: str, home: Collection[str], late: str) -> Verdict:
    """The verdict as far as it goes without the other claims, of runs of the experiments ``home`` that state it: its
    reason is empty where it is still to be decided."""
    here = {
        group.n_train: group
        for group in results.groups
        if group.family == family and any(run.stands.keys() & set(home) for arm in group.arms for run in arm.runs)
    }
    wanted = list(here) if claim.sizes is None else sorted(claim.sizes, key=lambda n: np.inf if n is None else n)
    groups = [here[n] for n in wanted if n in here]
    arms = [_arms(claim, group, home) for group in groups]
    pairs = reaching([_found(claim, *both) for both in arms])
    sizes = tuple(
        _at_size(results, claim, group, *one, found) for group, one, found in zip(groups, arms, pairs, strict=True)
    )
    lacking = [_size_text(n) for n in wanted if n not in here]
    absent = dict.fromkeys(
        f"no runs of {name}{f' at {size.group.size} images' * (len(sizes) > 1)}"
        for size in sizes
        for name, arm in ((claim.treatment, size.treatment), (claim.control, size.control))
        if arm is None
    )
    reasons = [*absent, *(f"no runs at {size}" for size in lacking)]
    by_seed = bool(sizes) and all(size.found.shared for size in sizes)
    interim = bool(reasons) or _finished(sizes, by_seed) < claim.seeds
    reasons += [
        f"no measured pair{f' at {_size_text(size.group.n_train)}' * (len(sizes) > 1)}: one run of each diverged"
        for size in sizes
        if size.found.diverged and not size.found.measured
    ]
    ends = None if reasons else _ends(claim, sizes, by_seed)
    row = Verdict(
        claim,
        family,
        "inconclusive",
        " and ".join(reasons),
        sizes,
        ends,
        late,
        interim=interim,
        exploratory=any(
            run.words.get("exploratory")
            for size in sizes
            for arm in (size.treatment, size.control)
            if arm is not None
            for run in arm.runs
        ),
        by_seed=by_seed,
    )
    if ends is None:
        return row
    measured = [
        (size.group.n_train, size.treatment, size.control, tuple(size.found.measured))
        for size in sizes
        if size.treatment is not None and size.control is not None
    ]
    images = of_images(claim, measured, by_seed=by_seed)
    row = replace(row, interaction=_interaction(sizes, by_seed), images=images)
    return replace(row, facts=(*facts(row), *_left_out(claim, groups, home)))


def _arms(claim: Claim, group: Group, home: Collection[str]) -> tuple[Arm | None, Arm | None]:
    """Treatment and control of that size, with their runs of these experiments."""
    own = {arm.name: tuple(run for run in _of_home(arm, home) if not _tunes(run)) for arm in group.arms}
    arms = {arm.name: replace(arm, runs=runs) for arm in group.arms if (runs := own[arm.name])}
    return arms.get(claim.treatment), arms.get(claim.control)


def _of_home(arm: Arm, home: Collection[str]) -> list[RunRecord]:
    return [run for run in arm.runs if run.stands.keys() & set(home)]


def _tunes(run: RunRecord) -> bool:
    """Whether it is on a seed, or subset, that is kept for tuning: no claim is about those."""
    return run.seed in TUNING or run.subset in TUNING


def _left_out(claim: Claim, groups: Sequence[Group], home: Collection[str]) -> list[str]:
    arms = [arm for group in groups for arm in group.arms if arm.name in (claim.treatment, claim.control)]
    count = sum(_tunes(run) for arm in arms for run in _of_home(arm, home))
    return [f"{count} runs on seeds that are kept for tuning are left out"] * bool(count)


def _found(claim: Claim, treatment: Arm | None, control: Arm | None) -> Pairs:
    """The claim's pairs of a size; none where an arm has no run."""
    return Pairs({}) if treatment is None or control is None else claim_pairs(claim, treatment, control)


def _at_size(
    results: Results, claim: Claim, group: Group, treatment: Arm | None, control: Arm | None, found: Pairs
) -> SizeVerdict:
    if treatment is None or control is None:
        return SizeVerdict(claim, group, treatment, control, found, None)
    return SizeVerdict(
        claim,
        group,
        treatment,
        control,
        found,
        ends_of(by_unit(found.placed(side), by_seed=found.shared) for side in (-1, 1)),
        *_finding(results, claim, group, treatment, control, found),
        tuple(arm.name for arm in (treatment, control) if flat(results, group, arm) is False),
    )


def _finding(
    results: Results, claim: Claim, group: Group, treatment: Arm, control: Arm, found: Pairs
) -> tuple[str, str]:
    """The kind of help, and when it turns; of a centre alone, and not at equal seconds: kinds are told apart against
    images shown."""
    if claim.of != "centre" or claim.reading not in READINGS:
        return "", ""
    read = {
        reading: found if reading == claim.reading else claim_pairs(claim, treatment, control, reading)
        for reading in READINGS
    }
    course = paired_course(results, group, treatment, control)
    # As a verdict, a finding is one where it is the same wherever diverged pairs are placed.
    placed = {
        name: [of_differences(by_unit(pairs.placed(side), by_seed=found.shared)) for side in (-1, 1)]
        for name, pairs in read.items()
    }
    findings = {finding(claim.measure, end, best, course) for end, best in product(placed["end"], placed["best"])}
    one = findings.pop() if len(findings) == 1 else ""
    return one, turn(course) if one in TURNING else ""


def _ends(claim: Claim, sizes: Sequence[SizeVerdict], by_seed: bool) -> Ends | None:
    """The units of all sizes together, with their diverged pairs placed where the estimate is lowest, and highest."""
    numbers = [size.group.n_train for size in sizes]
    placed = (
        [by_unit(size.found.placed(own), by_seed=by_seed) for size, own in zip(sizes, on, strict=True)]
        for on in (sides(claim, numbers, side) for side in (-1, 1))
    )
    return ends_of(over_claim(claim, numbers, units) for units in placed)


def _finished(sizes: Sequence[SizeVerdict], by_seed: bool) -> int:
    """Number of units whose runs, at all sizes and in both arms, are done or diverged."""
    place = int(by_seed)  # of the unit in a key: subset, seed
    counted = [{key[place] for key in size.found.every} - {key[place] for key in size.found.open} for size in sizes]
    return len(set.intersection(*counted)) if counted else 0


def _interaction(sizes: Sequence[SizeVerdict], by_seed: bool) -> tuple[tuple[Group, Paired], ...]:
    """The effect at each size minus that at the smallest, over the units that were measured at both."""
    units = [by_unit(size.found.measured, by_seed=by_seed) for size in sizes]
    found = (
        (size.group, of_differences({unit: more[unit] - units[0][unit] for unit in more.keys() & units[0].keys()}))
        for size, more in zip(sizes[1:], units[1:], strict=True)
    )
    return tuple((group, paired) for group, paired in found if paired is not None)


def _marks(row: Verdict) -> tuple[Mark, ...]:
    """The same effect in the other reading, and in the other spaces, at each size where sizes disagree; beside one at
    equal seconds, which is of the validation slice, that on the test split at equally many images, in every space."""
    claim = row.claim
    arms = (arm for size in row.sizes for arm in (size.treatment, size.control) if arm is not None)
    lead, *others = spaces_of(run for arm in arms for run in arm.runs)
    found: list[tuple[str, str, str, Literal["reading", "space"]]] = []
    if (seen := row.measured or row.paired) is None:  # what is printed: a mark is of measured pairs, too
        return ()
    if claim.reading == EQUAL_SECONDS:
        found.append((f"test split ({READINGS['end']})", "end", lead, "reading"))
        found += [(f"{in_words(other)} (test split, {READINGS['end']})", "end", other, "space") for other in others]
    elif claim.measure.place == "generated" and claim.measure.group != "leak":
        found += [(READINGS[other], other, claim.space, "reading") for other in READINGS if other != claim.reading]
    if claim.metric in IN_EVERY_SPACE and claim.reading != EQUAL_SECONDS:
        found += [(in_words(other), claim.reading, other, "space") for other in (lead, *others) if other != claim.space]
    marks = []
    for name, reading, space, of in found:
        there = [(size, size.treatment, size.control) for size in row.sizes]
        units = {
            size.group.n_train: by_unit(claim_pairs(claim, one, other, reading, space).measured, by_seed=row.by_seed)
            for size, one, other in there
            if one is not None and other is not None
        }
        if (paired := of_differences(over_claim(claim, list(units), list(units.values())))) is not None:
            mark = Mark(name, paired, sign(paired) == sign(seen), of)
            marks.append(_apart(row, mark, units) if row.disagree else mark)
    return tuple(marks)


def _apart(row: Verdict, mark: Mark, units: Mapping[int | None, Mapping[int, float]]) -> Mark:
    """The ``mark`` with what it is at each size of ``row``, of which ``units`` has the differences."""
    found = (
        (size.group, of_differences(units.get(size.group.n_train, {})), size.measured or size.paired)
        for size in row.sizes
    )
    sizes = tuple(
        (group, replace(mark, paired=paired, agrees=sign(paired) == sign(seen)))
        for group, paired, seen in found
        if paired is not None and seen is not None
    )
    return replace(mark, agrees=all(one.agrees for _, one in sizes), sizes=sizes)


def _size_text(n_train: int | None) -> str:
    return "all images" if n_train is None else f"{n_train:,} images"


def _decided(row: Verdict, p: tuple[float, float] | None, tests: int) -> Verdict:
    tested = row.ends is not None and row.ends.enough
    row = replace(row, tests=tests, p=p if tested else None)
    if row.reason:
        return row
    if lacking := sum(len(size.found.unmeasured) for size in row.sizes):
        every = sum(len(size.found.every) for size in row.sizes)
        have = f"{lacking} of {every} pairs {'have' if lacking > 1 else 'has'} no such number"
        return replace(row, reason=f"{have}, and without all of them nothing is decided")
    outcome, reason = decide(row.claim, row.ends, p, tests, alike=all(map(_alike, row.sizes)))
    row = replace(row, outcome=outcome, reason=reason)
    if outcome == "inconclusive" or row.claim.of == "trend":  # a trend is of no single size
        return row
    return replace(row, sizes=_sizes_decided(row.sizes))


def _alike(size: SizeVerdict) -> bool:
    """Whether no pair has a difference, nor may have one."""
    return not any(size.found.measured.values()) and not size.found.diverged


def _sizes_decided(sizes: tuple[SizeVerdict, ...]) -> tuple[SizeVerdict, ...]:
    """Each size tested by the same rule, corrected over the sizes of its claim."""
    corrected = holm_of_exclusive(
        [one.ends.p(one.claim) if one.ends and one.ends.enough else UNTESTED for one in sizes]
    )
    decided = [
        decide(one.claim, one.ends, p, len(sizes), alike=_alike(one)) for one, p in zip(sizes, corrected, strict=True)
    ]
    return tuple(
        replace(one, outcome=outcome, reason=reason, p=p if one.ends and one.ends.enough else None)
        for one, p, (outcome, reason) in zip(sizes, corrected, decided, strict=True)
    )
