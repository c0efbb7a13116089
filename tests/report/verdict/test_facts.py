"""What the numbers of a verdict, or of a table, rest on is said beside them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from aeaug.report.setting import setting
from aeaug.report.tables import paired_table, readings_table
from aeaug.report.verdict.facts import few_readings, telling_facts
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import FEWEST_READINGS
from aeaug.run.records import RunRecord
from tests.report.synthetic import CLAIM, changed, experiment

ARMS = {"none": [40.0 + seed for seed in range(8)], "append": [30.0 + seed for seed in range(8)]}


def read(count: int) -> Callable[[RunRecord], RunRecord]:
    return lambda run: replace(run, numbers={**run.numbers, ("generated", "of", "best", ""): float(count)})


@pytest.mark.parametrize("count", [3, FEWEST_READINGS - 1, FEWEST_READINGS, 50])
def test_a_best_reading_of_few_says_of_how_many(count: int) -> None:
    found = changed(experiment(ARMS), read(count))
    (verdict,) = verdicts(found)
    said = few_readings(run for arm in found.groups[0].arms for run in arm.runs)
    assert bool(said) == (count < FEWEST_READINGS)
    assert verdict.facts == ((f"the best reading is the best of {count}, 20 are wanted",) if said else ())
    assert telling_facts(verdict) == verdict.facts
    assert dict(setting(found))["the best reading is one of"] == str(count)
    table = readings_table(changed(found, with_best))
    assert table is not None
    assert table.remark == (f"The best reading is the best of {count}, 20 are wanted. ".strip() if said else "")


def with_best(run: RunRecord) -> RunRecord:
    return replace(run, numbers={**run.numbers, ("generated", "frechet_distance", "best", "classifier"): 30.0})


WEIGHTS = [
    ("30, as tuned for the arm that injects nothing", True),
    ("10, as tuned for the arm itself", True),
    ("1, where 30 is the one tuned for the arm that injects nothing", False),
    ("1, of which nothing was tuned here", False),
]


@pytest.mark.parametrize(("word", "tuned"), WEIGHTS)
def test_a_weight_that_is_not_the_tuned_one_is_said_of_every_arm(word: str, tuned: bool) -> None:
    found = changed(experiment(ARMS), lambda run: replace(run, words={**run.words, "weight_of_r1": word}))
    (verdict,) = verdicts(found)
    assert verdict.facts == (
        () if tuned else tuple(f"{arm} with 500 images: gan.r1_gamma={word}" for arm in ("append", "none"))
    )
    assert telling_facts(verdict) == (() if tuned else (f"gan.r1_gamma={word}",)), "in short once for all arms"
    said = f"{word} (none with 500 images, append with 500 images)"
    assert dict(setting(found))["weight of R1, gan.r1_gamma"] == said


def test_without_r1_there_is_no_weight_to_tune() -> None:
    word = "0, of which nothing was tuned here"
    (verdict,) = verdicts(changed(experiment(ARMS), lambda run: replace(run, words={"weight_of_r1": word})))
    assert telling_facts(verdict) == ()
    assert len(verdict.facts) == 2


def test_an_arm_that_is_shown_more_than_the_training_subset_is_called_an_upper_bound() -> None:
    def fresh(run: RunRecord) -> RunRecord:
        source = {"source.name": "fresh"} if run.arm == "append" else {}
        return replace(run, settings={**run.settings, **source})

    (verdict,) = verdicts(changed(experiment(ARMS), fresh))
    assert verdict.facts == ("append: shown real images beyond the training subset, an upper bound",)


def test_without_claims_the_units_of_the_pairs_are_said_too() -> None:
    crossed = [(subset, seed) for subset in range(4) for seed in (0, 1)]
    arms = {"none": [40.0] * 8, "append": [30.0, 31.0, 35.0, 36.0, 33.0, 33.5, 31.0, 30.0]}
    apart = paired_table(experiment(arms, claims=(), keys=crossed))
    assert apart is not None
    assert apart.remark.startswith("With 500 training images, append: 4 subsets, 8 pairs: standard deviation 0.")
    shared = paired_table(experiment(arms, claims=(), shared=[500]))
    assert shared is not None
    assert shared.remark == "Over initialisations: all seeds share one training set, and nothing is said of others."
    plain = paired_table(experiment(arms, claims=()))
    assert plain is not None
    assert plain.remark == ""


@pytest.mark.parametrize(("left", "collapsed"), [(1, True), (5, True), (6, False), (10, False)])
def test_an_arm_that_has_lost_half_of_the_classes_has_collapsed(left: int, collapsed: bool) -> None:
    """A change of FD against it is one against a generator of little but one digit."""

    def counted(run: RunRecord) -> RunRecord:
        own = float(left) if run.arm == "none" and run.seed else 10.0  # by the median: not of one run
        of_generated = {("generated", "modes", reading, "classifier"): own for reading in ("end", "best")}
        return replace(run, numbers={**run.numbers, **of_generated, ("real", "modes", "", "classifier"): 10.0})

    (verdict,) = verdicts(changed(experiment(ARMS), counted))
    said = f"the arm none has collapsed with 500 images: {left} of 10 classes among its images"
    assert verdict.facts == ((said,) if collapsed else ())
    assert telling_facts(verdict) == verdict.facts


def test_what_is_of_one_training_set_is_told_where_a_verdict_is_short() -> None:
    (verdict,) = verdicts(experiment(ARMS, shared=[500]))
    assert telling_facts(verdict) == (
        "over initialisations: all seeds share one training set, and nothing is said of others",
    )
    (verdict,) = verdicts(experiment(ARMS))
    assert telling_facts(verdict) == ()


@pytest.mark.parametrize(
    ("differs", "key", "named"),
    [
        (["augmentation"], "gan.lr_generator", True),
        (["augmentation", "gan"], "gan.lr_generator", False),
        (["augmentation"], "augmentation.ratio", False),
        (["augmentation"], "trainer.precision", True),
        (None, "trainer.precision", True),
        (None, "evaluation.every", True),
        (None, "budget.match", True),
        (None, "gan.lr_generator", False),
    ],
)
def test_what_arms_differ_in_besides_what_is_claimed_is_said_first(
    differs: list[str] | None, key: str, named: bool
) -> None:
    """A claim's file is held to it before a run; runs of other files, or of several experiments, are not."""

    def other(run: RunRecord) -> RunRecord:
        return replace(run, settings={key: "a" if run.arm == "append" else "b"})

    (verdict,) = verdicts(changed(experiment(ARMS, [CLAIM | {"differs": differs}]), other))
    said = f"the arms differ in more than the claim says: {key}=a in append, b in none"
    assert verdict.facts[:1] == ((said,) if named else ())
    assert telling_facts(verdict)[:1] == verdict.facts[:1]


def test_a_stage_that_one_arm_has_no_use_for_is_nothing_to_differ_in() -> None:
    def other(run: RunRecord) -> RunRecord:
        own = {"append": {"augmentation.name": "append", "perturbation.gamma": "0.5"}, "none": {}}[run.arm]
        return replace(run, settings={"augmentation.name": "none", **own})

    (verdict,) = verdicts(changed(experiment(ARMS, [CLAIM | {"differs": ["augmentation"]}]), other))
    assert verdict.facts == ()


@pytest.mark.parametrize("seeds", [0, 3])
def test_seeds_that_are_kept_for_tuning_are_in_no_verdict_and_that_is_said(seeds: int) -> None:
    """As many more pairs, in which the treatment is far ahead."""
    more = {arm: [*row, *([1.0 if arm == "append" else 1e4] * seeds)] for arm, row in ARMS.items()}
    keys = [*((seed, seed) for seed in range(8)), *((9000 + seed, 9000 + seed) for seed in range(seeds))]
    (alone,), (found,) = verdicts(experiment(ARMS)), verdicts(experiment(more, keys=keys))
    assert (found.measured, found.pairs, found.outcome, found.interim) == (
        alone.measured, alone.pairs, alone.outcome, alone.interim
    )  # fmt: skip
    said = (f"{2 * seeds} runs on seeds that are kept for tuning are left out",) if seeds else ()
    assert found.facts == said
