"""Whether an experiment can decide what it claims: asked before its first run.

- Every claim's planned pairs can decide one of so many claims (:func:`aeaug.run.claims.pairs_needed`), and the best
  reading is the best of at least 20, what is read at equal seconds is read at 10 times or more, a late change at 5;
  or the experiment says ``exploratory: true``, and its report does too.
- A sweep that crosses subsets with initialisations has as many units as the claim plans: several seeds of one subset
  are one unit, unless all share it.
- A claim names the sizes that it is about, before there are results at any.
- A sweep has all sizes that a claim names, together with the runs that stand in its folder and with those that the
  experiment's file sweeps over, where only some of them are typed.
- What a claim is about is measured.
- No seed is one of those kept for tuning.
- Treatment and control differ, at equal size, in the sections that ``differs`` names and in no other. A stage that one
  of the two does not use may be named or not: there is nothing to differ in.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from aeaug.run.claims import (
    EQUAL_SECONDS,
    FEWEST_AT_EQUAL_SECONDS,
    FEWEST_READINGS,
    TUNING,
    Claim,
    pairs_needed,
)
from aeaug.run.folders import repetition, run_path, runs_of
from aeaug.run.identity.settings import differing, settings
from aeaug.run.options import RunOptions
from aeaug.run.variant import arm_name
from aeaug.sweep.composition.overrides import word
from aeaug.sweep.plan.together import earlier

__all__ = ["require_sound"]

Arms = Mapping[tuple[str, int | None], Mapping[str, Any]]
"""Configs by arm and size of the training set."""


def require_sound(jobs: Collection[RunOptions], *, sweep: bool, announced: Collection[int | None] = ()) -> None:
    """Raise ``ValueError``, a line for each thing that is wrong with the claims of ``jobs``, a ``sweep`` or one run;
    ``announced``: sizes that the experiment's file has, whatever part of it is swept over."""
    claims = list(dict.fromkeys(claim for options in jobs for claim in options.claims))
    if not claims:
        return
    lines = [*_seeds(jobs), *_measured(jobs, claims)]
    if not all(options.exploratory for options in jobs):
        lines += [*_pairs(claims), *_readings(jobs, claims), *_stated(claims)]
        lines += [*_units(jobs, claims)] if sweep else []
    arms = _arms(jobs)
    lines += [*_sizes({*announced, *(n_train for _, n_train in arms)}, claims)] if sweep else []
    lines += [*_differs(arms, claims)]
    if lines:
        raise ValueError("\n".join(dict.fromkeys(lines)))


def _seeds(jobs: Collection[RunOptions]) -> Iterator[str]:
    for options in jobs:
        for key, seed in (("seed", options.seed), ("data.subset_seed", options.data.subset_seed)):
            if options.claims and seed in TUNING:
                yield f"{key}={seed}: {TUNING[0]} to {TUNING[-1]} are kept for tuning, and no claim is about them"


def _measured(jobs: Collection[RunOptions], claims: list[Claim]) -> Iterator[str]:
    blind = any(options.claims and not options.evaluation.test for options in jobs)
    for place, claim in enumerate(claims):
        # What is read at equal seconds is read on the validation slice.
        if blind and claim.measure.place == "generated" and claim.reading != EQUAL_SECONDS:
            yield f"claims.{place}.metric={claim.metric}: evaluation.test=false does not measure it"


def _pairs(claims: list[Claim]) -> Iterator[str]:
    needed = pairs_needed(len(claims))
    for place, claim in enumerate(claims):
        if claim.seeds < needed:
            yield (
                f"claims.{place}.seeds={claim.seeds}: can decide nothing, {needed} pairs are the least for "
                f"{len(claims)} claim{'s' * (len(claims) > 1)}; more of them, fewer claims, or exploratory=true"
            )


def _units(jobs: Collection[RunOptions], claims: list[Claim]) -> Iterator[str]:
    jobs = [options for options in jobs if options.claims and options.data.n_train is not None]  # all share the whole
    pairs = {(options.data.subset_seed, options.seed) for options in jobs}
    for folder in {run_path(options).parent for options in jobs}:
        pairs |= {repetition(run)[::-1] for run in runs_of(folder)}
    subsets, seeds = ({pair[place] for pair in pairs} for place in (0, 1))
    if len(subsets) <= 1 or len(pairs) == len(subsets):  # all over initialisations, or nothing is crossed
        return
    for place, claim in enumerate(claims):
        if len(subsets) < claim.seeds:
            yield (
                f"claims.{place}.seeds={claim.seeds}: {len(subsets)} subsets are crossed with {len(seeds)} seeds, "
                f"which are {len(subsets)} units; more subsets, fewer claims.{place}.seeds, or exploratory=true"
            )


def _readings(jobs: Collection[RunOptions], claims: list[Claim]) -> Iterator[str]:
    readings = min(options.epochs // options.evaluation.every for options in jobs if options.claims)
    for place, claim in enumerate(claims):
        if claim.reading == "best" and readings < FEWEST_READINGS:
            yield (
                f"claims.{place}.reading=best: of {readings} readings, at least {FEWEST_READINGS} are needed; lower "
                "evaluation.every, or exploratory=true"
            )
        if claim.reading == EQUAL_SECONDS and readings < FEWEST_AT_EQUAL_SECONDS:
            yield (
                f"claims.{place}.reading={EQUAL_SECONDS}: of {readings} readings, at least {FEWEST_AT_EQUAL_SECONDS} "
                "are needed; lower evaluation.every, or exploratory=true"
            )
        if claim.metric == "late_change" and readings < 5:
            yield (
                f"claims.{place}.metric=late_change: of {readings} readings none is by a fifth of the budget; lower "
                "evaluation.every, or exploratory=true"
            )


def _stated(claims: list[Claim]) -> Iterator[str]:
    """A claim that is about whatever sizes there are would be another one with every size that is added."""
    for place, claim in enumerate(claims):
        if claim.sizes is None:
            yield f"claims.{place}.sizes=null: say which sizes it is about, as in [100, 500]; all images are [null]"


def _sizes(there: Collection[int | None], claims: list[Claim]) -> Iterator[str]:
    for place, claim in enumerate(claims):
        for size in claim.sizes or ():
            if size not in there:
                known = ", ".join(sorted(map(word, there)))
                yield f"claims.{place}.sizes={word(size)}: not in this sweep or earlier runs, which have {known}"


def _differs(arms: Arms, claims: list[Claim]) -> Iterator[str]:
    """No section differs that is not stated, at any size of the claim; each that is stated differs at one of them: what
    is looked up (``gan.r1_gamma=own``) may be the same at another."""
    for place, claim in enumerate(claims):
        if claim.differs is None:
            continue
        pairs = [
            (settings(treatment), settings(control))
            for (arm, n_train), treatment in arms.items()
            if arm == claim.treatment
            and (claim.sizes is None or n_train in claim.sizes)
            and (control := arms.get((claim.control, n_train))) is not None
        ]
        key, same = f"claims.{place}.differs={_list(claim)}", dict[str, None]()
        stated, apart = set(claim.differs), set[str]()
        for treatment, control in pairs:
            for section, options in differing(treatment, control).items():
                if options and section not in stated:
                    both = (
                        f"{', '.join(f'{name}={word(one.get(name))}' for name in options)} in {arm}"
                        for one, arm in ((treatment, claim.treatment), (control, claim.control))
                    )
                    yield f"{key}: {section} differs too ({', '.join(both)})"
                if options:
                    apart.add(section)
                else:
                    same[section] = None
        for section in same:
            if section in stated - apart:
                yield (
                    f"{key}: every {section}.… is the same in {claim.treatment} and {claim.control}; claims=[] tries "
                    "them without a claim"
                )


def _arms(jobs: Collection[RunOptions]) -> Arms:
    """The arms of ``jobs`` and of the runs that stand in their experiment's folder, under each name that a claim may
    give them: with the overrides that all have in common, and without."""
    found: dict[tuple[str, int | None], Mapping[str, Any]] = {}
    for config in (*(options.model_dump(mode="json") for options in jobs), *earlier(jobs)):
        size = (config.get("data") or {}).get("n_train")
        found.setdefault((arm_name(str(config.get("variant"))), size), config)
    parts = [frozenset(arm.split(",")) for arm, _ in found]
    common = frozenset.intersection(*parts) if len(set(parts)) > 1 else frozenset()
    shared = {part for part in common if "=" in part}
    short = {
        (",".join(part for part in arm.split(",") if part not in shared) or "default", size): config
        for (arm, size), config in found.items()
    }
    return short | found


def _list(claim: Claim) -> str:
    return f"[{', '.join(claim.differs or ())}]"
