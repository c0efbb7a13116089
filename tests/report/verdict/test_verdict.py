import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from aeaug.evaluation.reading import percent
from aeaug.report.page import evidence_text, size_text, sizes_text, support_texts
from aeaug.report.statistics.course import finding
from aeaug.report.statistics.decision import Ends, decide
from aeaug.report.statistics.exact_test import holm_of_exclusive, less, of_differences, sign_flip
from aeaug.report.statistics.pairs import by_unit, claim_pairs, one_training_set
from aeaug.report.verdict.simulation import Scenario
from aeaug.report.verdict.simulation import outcomes as outcomes_of
from aeaug.report.verdict.verdict import Mark, _apart, verdicts
from aeaug.run.claims import Claim
from tests.report.conftest import claim_in, results
from tests.report.synthetic import CLAIM, changed, experiment

GAUSSIAN = CLAIM | {"treatment": "append_gaussian", "control": "none"}
RECALL = CLAIM | {"metric": "recall", "direction": "higher", "smallest_effect": 0.02}


def planted(change, pairs=8, noise=0.05, seed=0):
    """FD by arm: seeds differ much, the treatment from its control by `change` (-0.2 is 20% less) and some noise."""
    rng = np.random.default_rng(seed)
    control = 40 * np.exp(rng.normal(0, 0.3, pairs))
    return {
        "none": control.tolist(),
        "append": (control * (1 + change) * np.exp(rng.normal(0, noise, pairs))).tolist(),
    }


def only(arms, *claims, **options):
    (verdict,) = verdicts(experiment(arms, claims or (CLAIM,), **options))
    return verdict


def with_state(arms, arm, seeds, state="diverged"):
    return arms | {arm: [state if seed in seeds else value for seed, value in enumerate(arms[arm])]}


def judged(differences, claim) -> str:
    """The outcome of a report of this one claim and these differences by unit."""
    pair = of_differences(dict(differences))
    ends = Ends(pair, pair)
    (p,) = holm_of_exclusive([ends.p(claim)])
    return decide(claim, ends, p, 1)[0]


def outcomes(differences, claim):
    """Outcomes of many sets of differences (R, n), each set a report of this one claim."""
    return np.array([judged(enumerate(sample), claim) for sample in differences.tolist()])


def holds(count, repetitions, level=0.05):
    """Whether so many of the repetitions are compatible with a rate of at most `level`."""
    return stats.binomtest(int(count), repetitions, level, alternative="greater").pvalue > 0.01


# What is planted is found.


def test_twenty_percent_less_is_supported():
    verdict = only(planted(-0.2))
    assert verdict.outcome == "supported"
    assert verdict.paired.mean == pytest.approx(math.log(0.8), abs=0.05)
    assert verdict.paired.interval[1] < 0
    assert verdict.p == (pytest.approx(1 / 128), 1.0)
    assert verdict.heading == "supported"
    assert evidence_text(verdict).startswith("FD −")
    assert evidence_text(verdict).endswith("%], 8 pairs")
    assert verdict.remarks == ()


def test_the_wrong_way_is_refuted():
    assert only(planted(0.2)).outcome == "refuted"
    assert only(planted(-0.2), CLAIM | {"direction": "higher"}).outcome == "refuted"


def test_a_null_is_not_decided_and_a_precise_null_is_no_effect():
    assert only(planted(0.0, noise=0.2, seed=1)).outcome == "inconclusive"
    verdict = only(planted(0.0, noise=0.02))
    assert (verdict.outcome, verdict.claim.smallest_effect) == ("no effect", 0.05)
    sizes = only(sized({100: 0.0, 500: 0.0}, noise=0.02))
    assert [sizes.outcome, *(size.outcome for size in sizes.sizes)] == ["no effect"] * 3


def test_a_real_effect_too_small_to_matter_is_no_effect():
    verdict = only(planted(-0.02, noise=0.005))
    assert verdict.paired.interval[1] < 0
    assert verdict.outcome == "no effect"
    assert "smaller than 5%" in verdict.reason


def test_an_effect_that_may_or_may_not_matter_is_open():
    # Below zero for certain, at the median less than 5%, in some seeds more.
    arms = {
        "none": [40.0] * 8,
        "append": [40 * (1 - share) for share in (0.02, 0.07, 0.03, 0.06, 0.04, 0.08, 0.01, 0.03)],
    }
    verdict = only(arms)
    assert verdict.paired.interval[1] < 0
    assert verdict.words == "inconclusive: lower beyond chance, but on average by less than 5%"


def test_five_percent_means_five_percent_either_way():
    for direction, share, outcome in (
        ("lower", 0.951, "inconclusive"),
        ("lower", 0.949, "supported"),
        ("higher", 1.049, "inconclusive"),
        ("higher", 1.051, "supported"),
    ):
        spread = np.linspace(-0.02, 0.02, 9)
        arms = {"none": [40.0] * 9, "append": (40 * share * np.exp(spread)).tolist()}
        assert only(arms, CLAIM | {"direction": direction}).outcome == outcome


def test_natural_scales_are_judged_in_their_units():
    rng = np.random.default_rng(0)
    control = rng.uniform(0.3, 0.7, 8)
    arms = {"none": control.tolist(), "append": (control + 0.05 + rng.normal(0, 0.005, 8)).tolist()}
    verdict = only(arms, RECALL, metric="recall")
    assert verdict.outcome == "supported"
    assert evidence_text(verdict).startswith("recall +0.0")
    assert verdict.reason.endswith("on average by 0.02 or more")
    assert "%" not in evidence_text(verdict) + verdict.reason
    assert only(arms, RECALL | {"direction": "lower"}, metric="recall").outcome == "refuted"


@pytest.mark.parametrize("pairs", [1, 3, 5])
def test_below_six_pairs_there_are_too_few_seeds(pairs):
    verdict = only(planted(-0.9, pairs))
    assert verdict.words == "inconclusive: too few seeds"
    assert (verdict.pairs, verdict.p, verdict.interim) == (pairs, None, True)
    assert verdict.heading == "interim: inconclusive"
    assert verdict.remarks == ("of 8 planned",)
    assert verdict.paired.interval is None
    assert evidence_text(verdict).endswith("1 pair" if pairs == 1 else f"], {pairs} pairs")


def test_six_pairs_that_agree_decide_one_claim_but_not_two():
    assert only(planted(-0.2, 6, noise=0.01)).outcome == "supported"
    claims = CLAIM, CLAIM | {"direction": "higher"}
    for verdict in verdicts(experiment(planted(-0.2, 6, noise=0.01), claims)):
        assert verdict.p[0] == pytest.approx(2 / 32)
        assert verdict.outcome == "inconclusive"
        assert "6 pairs are too few: 7 are the least" in verdict.reason
    seven = verdicts(experiment(planted(-0.2, 7, noise=0.01), claims))
    assert [verdict.outcome for verdict in seven] == ["supported", "refuted"]


def test_an_interval_and_a_p_value_never_disagree():
    for seed in range(60):
        verdict = only(planted(-0.05, 9, noise=0.08, seed=seed))
        low, high = verdict.paired.interval
        assert (low > 0 or high < 0) == (verdict.p[0] <= 0.05)


# Sizes: one test over all of them, and beneath it one for each.


def sized(effects, pairs=8, noise=0.05, shared=0.0, seed=0):
    """FD by size and arm; the noise of a seed is shared by its sizes to the degree `shared` in [0, 1]."""
    rng = np.random.default_rng(seed)
    of_seed = rng.normal(0, noise, pairs)
    sizes = {}
    for n_train, change in effects.items():
        own = rng.normal(0, noise, pairs)
        both = np.sqrt(shared) * of_seed + np.sqrt(1 - shared) * own
        sizes[n_train] = {"none": [40.0] * pairs, "append": (40 * (1 + change) * np.exp(both)).tolist()}
    return sizes


def test_a_claim_is_one_test_over_its_sizes():
    found = verdicts(experiment(sized({100: -0.2, 500: -0.1, None: -0.15}), [CLAIM, CLAIM | {"direction": "higher"}]))
    assert [(v.claim.direction, v.outcome, v.tests) for v in found] == [
        ("lower", "supported", 2),
        ("higher", "refuted", 2),
    ]
    verdict = found[0]
    by_size = [size.paired.differences for size in verdict.sizes]
    assert verdict.paired.differences == pytest.approx(np.mean(by_size, axis=0))
    assert [(size.group.size, size.outcome) for size in verdict.sizes] == [
        ("100", "supported"), ("500", "supported"), ("all", "supported")
    ]  # fmt: skip
    assert [size.p[0] for size in verdict.sizes] == pytest.approx([3 / 128] * 3)
    changes = [(group.size, paired.mean) for group, paired in verdict.interaction]
    assert changes == [
        ("500", pytest.approx(np.mean(by_size[1]) - np.mean(by_size[0]))),
        ("all", pytest.approx(np.mean(by_size[2]) - np.mean(by_size[0]))),
    ]
    assert support_texts(verdict)[0].startswith("500 against 100 images: +")


def test_sizes_beneath_a_verdict_that_is_not_decided_are_not_tested():
    verdict = only(sized({100: -0.2, 500: 0.2}, noise=0.1))
    assert verdict.outcome == "inconclusive"
    assert {(size.outcome, size.p) for size in verdict.sizes} == {(None, None)}
    assert "supported" not in " ".join(map(size_text, verdict.sizes))
    assert verdict.interaction[0][1].interval[0] > 0  # though they differ


def test_a_size_that_its_correction_leaves_open_says_over_how_many_tests():
    verdict = only(sized({100: -0.3, 500: -0.3}, pairs=6, noise=0.01), CLAIM | {"seeds": 6})
    assert verdict.heading == "supported"
    words = "of a difference after correction over 2 tests, for which 6 pairs are too few: 7 are the least"
    assert all(size.reason.endswith(words) for size in verdict.sizes)


def test_what_sizes_differ_by_is_of_the_units_measured_at_both():
    sizes = sized({100: -0.2, 500: -0.1}, pairs=9)
    sizes[500] = with_state(sizes[500], "append", {2})
    verdict = only(sizes, CLAIM | {"seeds": 9})
    ((group, paired),) = verdict.interaction
    small, large = (size.measured for size in verdict.sizes)
    of_small = [one for unit, one in zip(small.seeds, small.differences, strict=True) if unit != 2]
    assert (group.size, paired.seeds) == ("500", large.seeds)
    assert paired.differences == pytest.approx(np.subtract(large.differences, of_small))


def test_sizes_have_lines_of_their_own_where_there_are_several_or_others_are_waited_for():
    assert only({100: planted(-0.2)}).beneath == ()
    several = only(sized({100: -0.2, 500: -0.2}))
    assert several.beneath == several.sizes
    waiting = only({100: planted(-0.2)}, CLAIM | {"sizes": [100, 500]})
    assert waiting.beneath == waiting.sizes
    assert len(waiting.sizes) == 1


def test_an_arm_that_moves_at_several_sizes_is_named_once():
    verdict = only(sized({100: -0.2, 500: -0.2}))
    moving = replace(verdict, sizes=tuple(replace(size, moving=("append",)) for size in verdict.sizes))
    assert moving.moving == ("append",)


def test_a_claim_names_its_sizes():
    sizes = sized({100: -0.2, 500: 0.2, None: -0.2})
    assert only(sizes, CLAIM | {"sizes": [None, 100]}).outcome == "supported"
    assert [size.group.size for size in only(sizes, CLAIM | {"sizes": [None, 100]}).sizes] == ["100", "all"]
    assert only(sizes, CLAIM | {"sizes": [500]}).outcome == "refuted"
    lacking = only(sizes, CLAIM | {"sizes": [100, 2000]})
    assert lacking.words == "inconclusive: no runs at 2,000 images"
    assert (lacking.interim, lacking.paired) == (True, None)


def test_only_seeds_with_every_size_count_and_the_others_make_it_interim():
    sizes = sized({100: -0.2, 500: -0.2}, pairs=9)
    sizes[500] = with_state(sizes[500], "append", {2}, "running")
    verdict = only(sizes, CLAIM | {"seeds": 9, "sizes": [100, 500]})
    assert (verdict.pairs, verdict.interim, verdict.outcome) == (8, True, "supported")
    assert verdict.heading == "interim: supported"
    assert len(verdict.sizes[0].paired.seeds) == 9
    assert verdict.remarks == ("of 9 planned (1 of append running)",)
    # As many as were planned have come to their end: another that runs is no reason to wait.
    assert not only(sizes, CLAIM | {"seeds": 8}).interim
    lost = with_state(sizes[500], "append", {2}, "diverged")
    assert not only(sizes | {500: lost}, CLAIM | {"seeds": 9}).interim


def test_flipping_sizes_apart_would_err_and_flipping_seeds_does_not():
    wrong = apart = 0
    for repetition in range(120):
        found = only(
            sized({100: 0.0, 500: 0.0, 2000: 0.0}, 8, 0.1, 0.8, seed=repetition), CLAIM | {"smallest_effect": 0.001}
        )
        wrong += found.outcome in ("supported", "refuted")
        apart += sign_flip([d for size in found.sizes for d in size.paired.differences]) <= 0.05
    assert holds(wrong, 120)
    assert not holds(apart, 120)


# Subsets and initialisations.

CROSSED = [(subset, seed) for subset in range(8) for seed in (0, 1, 2)]


def test_the_initialisations_of_one_subset_are_one_unit():
    rng = np.random.default_rng(0)
    of_subset, own = np.repeat(rng.normal(0, 0.3, 8), 3), rng.normal(0, 0.05, 24)
    arms = {"none": [40.0] * 24, "append": (40 * np.exp(of_subset + own)).tolist()}
    verdict = only(arms, keys=CROSSED)
    assert (verdict.pairs, verdict.by_seed, verdict.outcome) == (8, False, "inconclusive")
    assert verdict.paired.differences == pytest.approx((of_subset + own).reshape(8, 3).mean(axis=1))
    (fact,) = verdict.facts
    assert fact.startswith("8 subsets, 24 pairs: standard deviation 0.")
    between, within = (float(word) for word in re.findall(r"0\.\d+", fact))
    units = (of_subset + own).reshape(8, 3)
    square = units.var(axis=1, ddof=1).mean()
    assert within == pytest.approx(math.sqrt(square), abs=0.001)
    assert between == pytest.approx(math.sqrt(units.mean(axis=1).var(ddof=1) - square / 3), abs=0.01)


def test_where_all_seeds_share_one_training_set_the_verdict_is_over_initialisations():
    arms = planted(-0.2)
    verdict = only({None: arms}, shared=[None])
    assert (verdict.pairs, verdict.by_seed, verdict.outcome) == (8, True, "supported")
    assert verdict.remarks == ("over initialisations: all seeds share one training set, and nothing is said of others",)
    fixed = only({500: arms}, keys=[(0, seed) for seed in range(8)], shared=[500])
    assert (fixed.pairs, fixed.paired.seeds) == (8, tuple(range(8)))
    both = only({500: arms, None: arms}, CLAIM | {"sizes": [500, None]}, shared=[None])
    assert (both.by_seed, both.pairs) == (False, 8)
    assert both.remarks == ("with all images all seeds share one training set",)


def test_over_initialisations_sizes_marks_and_losses_are_of_initialisations_too():
    places, seeds = (("end", "classifier"), ("best", "classifier")), tuple(range(9))
    factors = 0.8 * np.exp(np.random.default_rng(4).normal(0, 0.02, 9))
    arms = {
        "none": [dict.fromkeys(places, 40.0)] * 9,
        "append": [dict.fromkeys(places, 40 * factor) for factor in factors.tolist()],
    }

    def fixed(arms):
        return only({500: arms}, CLAIM | {"seeds": 9}, keys=[(0, seed) for seed in seeds], shared=[500])

    verdict = fixed(arms)
    (size,), (mark,) = verdict.sizes, verdict.marks
    assert (verdict.heading, verdict.found) == ("supported", 9)
    assert verdict.measured.seeds == size.measured.seeds == mark.paired.seeds == seeds
    assert verdict.unit == size.unit == "pair"
    lost = fixed(with_state(arms, "append", {3}))
    assert (lost.sizes[0].lost, lost.interim, lost.pairs) == ({3}, False, 9)
    rest = fixed(with_state(arms, "append", set(seeds[1:])))
    assert (rest.by_seed, rest.pairs, rest.counted) == (True, 9, 1), "one that was measured has a training set, too"


def test_one_training_set_is_known_where_several_runs_all_name_the_same():
    (group,) = experiment({500: planted(-0.2, 3)}, shared=[500]).groups
    runs = [run for arm in group.arms for run in arm.runs]
    keys = [run.key for run in group.arms[0].runs]
    assert one_training_set(runs, keys)
    assert not one_training_set(runs, keys[:1])
    for said in ({}, {"data.subset_sha256": "other"}):
        one_differs = [*runs[:-1], replace(runs[-1], words=said)]
        assert not one_training_set(one_differs, keys)
        assert one_training_set(one_differs, keys[:-1])


# The other reading and the other space.


def test_the_other_reading_and_space_are_marks_that_change_no_verdict():
    rng = np.random.default_rng(1)

    def entries(end, best, free):
        spread = rng.normal(0, 0.03, 8)
        where = {("end", "classifier"): end, ("best", "classifier"): best, ("end", "self_supervised"): free}
        return [{place: 40 * factor * math.exp(noise) for place, factor in where.items()} for noise in spread]

    verdict = only({"none": entries(1, 1, 1), "append": entries(0.8, 1.2, 0.9)})
    assert verdict.outcome == "supported"
    assert [(mark.name, mark.agrees) for mark in verdict.marks] == [
        ("best validation FD (oracle stopping)", False),
        ("label-free features", True),
    ]
    assert [text[0] for text in support_texts(verdict)] == ["✗", "✓"]
    stopped = only({"none": entries(1, 1, 1), "append": entries(0.8, 1.2, 0.9)}, CLAIM | {"reading": "best"})
    assert (stopped.outcome, stopped.marks[0].agrees) == ("refuted", False)
    (free,) = only(
        {"none": entries(1, 1, 1), "append": entries(0.8, 1, 1.3)}, CLAIM | {"space": "self_supervised"}
    ).marks
    assert free.name == "the classifier's features"


def test_a_mark_is_compared_with_the_number_that_stands_beside_it():
    """That of measured pairs: with diverged ones placed against the claim the average has the other sign."""
    both = [("end", space) for space in ("classifier", "self_supervised")]
    lowered = [dict.fromkeys(both, 40 * math.exp(-one)) for one in (0.1, 0.15, 0.2, 0.25, 0.3, 0.9)]
    verdict = only({"none": [dict.fromkeys(both, 40.0)] * 9, "append": [*lowered, *["diverged"] * 3]})
    assert verdict.measured.mean < 0 < verdict.paired.mean
    (mark,) = (mark for mark in verdict.marks if mark.of == "space")
    assert mark.paired.mean == pytest.approx(verdict.measured.mean)
    assert mark.agrees


def test_so_it_is_at_each_size_where_sizes_disagree():
    """At 100 images one of nine pairs diverged, far beyond the others: placed, the mean of that size is above 0."""
    both = [("end", space) for space in ("classifier", "self_supervised")]
    arms = {
        n: {
            "none": [dict.fromkeys(both, 40.0)] * 9,
            "append": [dict.fromkeys(both, 40 * math.exp(one)) for one in changes] + ["diverged"] * (n == 100),
        }
        for n, changes in ((100, [-0.1] * 8), (500, [0.2] * 8 + [2.0]))
    }
    verdict = only(arms, CLAIM | {"sizes": [100, 500]})
    small = verdict.sizes[0]
    assert small.measured.mean < 0 < small.paired.mean
    units = {size.group.n_train: by_unit(size.found.measured) for size in verdict.sizes}
    mark = Mark("label-free features", small.measured, agrees=True, of="space")
    assert [one.agrees for _, one in _apart(verdict, mark, units).sizes] == [True, True]


@pytest.mark.parametrize(
    ("factors", "spread", "limits"),
    [
        ((0.8, 0.8, 0.9), 0.03, ()),
        ((0.8, 1.2, 0.9), 0.03, ("at the end of the budget alone",)),
        ((0.8, 0.8, 1.2), 0.03, ("in the classifier's features alone",)),
        ((1.2, 0.8, 0.8), 0.03, ("in the classifier's features alone", "at the end of the budget alone")),
        ((0.8, 1.01, 1.01), 0.1, ()),  # the other sign by chance
        ((1.0, 1.0, 1.0), 0.03, ()),
        ((1.0, 1.2, 1.0), 0.03, ("at the end of the budget alone",)),  # elsewhere there is a difference, on either side
        ((1.0, 1.2, 0.8), 0.03, ("in the classifier's features alone", "at the end of the budget alone")),
    ],
)
def test_a_verdict_says_where_another_reading_or_space_contradicts_it(factors, spread, limits):
    rng = np.random.default_rng(3)
    places = [("end", "classifier"), ("best", "classifier"), ("end", "self_supervised")]
    noise = {place: rng.normal(0, spread if place != places[0] else 0.03, 8) for place in places}
    noise = {place: drawn - drawn.mean() for place, drawn in noise.items()}
    treatment = [
        {place: 40 * factor * math.exp(noise[place][k]) for place, factor in zip(places, factors, strict=True)}
        for k in range(8)
    ]
    verdict = only({"none": [dict.fromkeys(places, 40.0)] * 8, "append": treatment}, CLAIM | {"smallest_effect": 0.06})
    assert verdict.limits == limits
    assert verdict.heading == " ".join([verdict.outcome, *[", ".join(limits)] * bool(limits)])
    assert (verdict.outcome == "no effect") == (factors[0] == 1)


@pytest.mark.parametrize(
    ("changes", "outcomes", "said"),
    [
        ((-0.2, 0.5), ("supported", "refuted"), "supported at 100, refuted at 500 images; refuted on average"),
        ((-0.5, 0.2), ("supported", "refuted"), "supported at 100, refuted at 500 images; supported on average"),
        ((-0.3, 0.0), ("supported", "no effect"), "supported"),
        ((-0.3, -0.2), ("supported", "supported"), "supported"),
    ],
)
def test_an_average_over_sizes_says_when_they_disagree(changes, outcomes, said):
    sizes = (100, 500)
    arms = {
        n: {"none": [40.0] * 8, "append": [40 * (1 + change) * math.exp(0.002 * (k - 3.5)) for k in range(8)]}
        for n, change in zip(sizes, changes, strict=True)
    }
    verdict = only(arms, CLAIM | {"sizes": list(sizes)})
    assert tuple(size.outcome for size in verdict.sizes) == outcomes
    assert verdict.heading == said
    assert only(arms, CLAIM | {"sizes": list(sizes), "seeds": 9}).heading == f"interim: {said}"


@pytest.mark.parametrize(
    ("free", "agree", "limits", "words"),
    [
        # less on average, where the classifier's is more
        ((-0.6, 0.4), (True, True), (), "✓ same sign at every size"),
        # more on average, as the classifier's is
        ((0.2, 0.5), (False, True), ("in the classifier's features alone",), "✗ other sign at 100 images"),
        ((0.005, 0.5), (False, True), (), "✗ other sign at 100 images, not beyond chance"),
        (
            (0.005, -0.5),
            (False, False),
            ("in the classifier's features alone",),
            "✗ other sign at 500 images, and at 100 images, not beyond chance",
        ),
    ],
)
def test_where_sizes_disagree_the_other_space_is_asked_at_each(free, agree, limits, words):
    """Whatever its average is, whose sign need not be that of any size."""
    sizes, noise = {100: -0.2, 500: 0.5}, [0.01 * (k - 3.5) for k in range(8)]

    control = {("end", space): 40.0 for space in ("classifier", "self_supervised")}

    def entry(change, other, k):
        found = {"classifier": change, "self_supervised": other}
        return {
            ("end", space): 40 * (1 + one) * math.exp(noise[k] if space == "classifier" else noise[3 * k % 8])
            for space, one in found.items()
        }

    arms = {
        n: {"none": [control] * 8, "append": [entry(change, other, k) for k in range(8)]}
        for (n, change), other in zip(sizes.items(), free, strict=True)
    }
    verdict = only(arms, CLAIM | {"sizes": list(sizes)})
    assert verdict.limits == ("on average of sizes that disagree", *limits)
    means = [percent(size.measured.mean) for size in verdict.sizes]
    assert sizes_text(verdict) == f"100: {means[0]}, supported; 500: {means[1]}, refuted"
    (mark,) = (mark for mark in verdict.marks if mark.of == "space")
    assert tuple(one.agrees for _, one in mark.sizes) == agree
    assert mark.agrees == all(agree)
    assert mark.words == words
    for (group, one), size, change in zip(mark.sizes, verdict.sizes, free, strict=True):
        assert group is size.group
        assert one.paired.mean == pytest.approx(math.log1p(change), abs=0.03)
    (said,) = (text for text in support_texts(verdict) if "label-free" in text)
    assert said.startswith(f"{words}: ")
    assert said.count("100: ") == said.count("500: ") == 1


# Runs that are not there.


def test_fewer_pairs_than_planned_are_told_with_the_reason():
    arms = with_state(with_state(planted(-0.2, 10), "append", {1}, "running"), "none", {2}, "missing")
    verdict = only(arms, CLAIM | {"seeds": 12})
    assert verdict.outcome == "supported"
    assert (verdict.pairs, verdict.heading) == (8, "interim: supported")
    assert verdict.remarks == ("of 12 planned (1 of append running, 1 of none missing)",)


@pytest.mark.parametrize("state", ["running", "interrupted", "failed", "missing"])
def test_a_run_that_came_to_no_end_is_waited_for_and_named_by_its_state(state):
    verdict = only(with_state(planted(-0.2, 9), "append", {4}, state), CLAIM | {"seeds": 9})
    assert (verdict.heading, verdict.pairs) == ("interim: supported", 8)
    assert verdict.remarks == (f"of 9 planned (1 of append {state})",)


@pytest.mark.parametrize("arm", ["append", "none"])
def test_one_exploratory_run_of_either_arm_makes_a_verdict_so(arm):
    def change(run):
        explores = (run.arm, run.seed) == (arm, 3)
        return replace(run, words={**run.words, "exploratory": "true"}) if explores else run

    (verdict,) = verdicts(changed(experiment(planted(-0.2), (CLAIM,)), change))
    assert verdict.heading == "exploratory: supported"


def test_more_pairs_than_planned_are_told():
    assert only(planted(-0.2, 10)).remarks[0].startswith("8 pairs were planned: ")


def test_an_arm_without_runs_is_named():
    verdict = only({"none": [40.0] * 8})
    assert verdict.words == "inconclusive: no runs of append"
    assert (verdict.sizes[0].treatment, verdict.paired, verdict.pairs) == (None, None, 0)
    verdict = only({"other": [40.0] * 8})
    assert verdict.words == "inconclusive: no runs of append and no runs of none"
    assert (evidence_text(verdict), verdict.remarks) == ("no pairs", ("of 8 planned",))


def test_a_number_that_was_not_measured_makes_no_pair():
    arms = {"none": [0.5] * 9, "append": [0.6] * 8 + [math.nan]}
    verdict = only(arms, RECALL | {"seeds": 9}, metric="recall")
    assert verdict.pairs == 8
    assert "of 9 planned (1 done without this number)" in verdict.remarks
    assert (
        verdict.words == "inconclusive: 1 of 9 pairs has no such number, and without all of them nothing is decided"
    )  # it may not lack by chance
    assert only({"none": [0.5] * 9, "append": [0.6] * 9}, RECALL | {"seeds": 9}, metric="recall").outcome == "supported"


def test_claims_that_wait_for_runs_count_in_the_correction_and_make_all_verdicts_interim():
    """What is finished first is not corrected for less than it will be at the end."""
    arms = planted(-0.2, pairs=8, noise=0.25, seed=2)
    p = sign_flip(np.log(np.divide(arms["append"], arms["none"])).tolist())
    assert 0.05 / 4 < p <= 0.05
    later = [CLAIM | {"treatment": f"later {n}", "seeds": 8} for n in range(3)]
    alone = only(arms)
    assert (alone.p[0], alone.tests) == (p, 1)
    one, *others = verdicts(experiment(arms, (CLAIM, *later)))
    running = arms | {claim["treatment"]: ["running"] * 8 for claim in later}
    same, *_ = verdicts(experiment(running, (CLAIM, *later)))
    assert one.tests == same.tests == 4
    assert one.p[0] == same.p[0] == pytest.approx(4 * p)
    assert one.outcome == "inconclusive"
    assert one.heading.startswith("interim: ")
    assert "other claims of this report wait for runs" in one.remarks
    assert all(row.heading.startswith("interim: ") and row.p is None for row in others)
    done = arms | {claim["treatment"]: [value * 1.0 for value in arms["none"]] for claim in later}
    assert verdicts(experiment(done, (CLAIM, *later)))[0].heading == "inconclusive"


def test_what_a_third_arm_alone_has_is_no_pair_of_a_claim_that_waits():
    six = planted(-0.4, pairs=6)
    claim = CLAIM | {"seeds": 6}
    keys = [(seed, seed) for seed in range(6)] + [(seed, seed + 100) for seed in range(6)]
    crossed = {name: [*row, *["missing"] * 6] for name, row in six.items()} | {"third": [40.0] * 12}
    assert only(six, claim).heading == "supported"
    assert only(crossed, claim, keys=keys).heading == "supported"
    waiting = crossed | {"none": [*six["none"], *[40.0] * 6]}
    assert only(waiting, claim, keys=keys).heading == "interim: supported"


def test_a_finding_that_depends_on_the_diverged_runs_is_none():
    rng = np.random.default_rng(0)
    both = ("end", "classifier"), ("best", "classifier")
    arms = {
        "none": [dict.fromkeys(both, 40.0 * math.exp(rng.normal(0, 0.02))) for _ in range(10)],
        "append": [dict.fromkeys(both, 30.0 * math.exp(rng.normal(0, 0.02))) for _ in range(10)],
    }
    claim = CLAIM | {"seeds": 10}
    assert only(arms, claim).sizes[0].finding == "helps"
    lost = only(with_state(arms, "append", {0, 1, 2}), claim)
    assert (lost.outcome, lost.sizes[0].finding) == ("inconclusive", "")
    assert only(with_state(arms, "append", {0}), claim).sizes[0].finding == "helps"  # wherever that one is


def test_a_lost_pair_may_lie_on_different_sides_at_different_readings():
    """What comes after the best reading is better wherever the pair is, if it is on one side at both."""
    end, best = ("end", "classifier"), ("best", "classifier")
    arms = {
        "none": [{end: 40.0, best: 40.0}] * 9,
        "append": [{end: 40 * math.exp(-0.3), best: 40 * math.exp(0.1 * (-1) ** seed)} for seed in range(8)]
        + ["diverged"],
    }
    verdict = only(arms, CLAIM | {"seeds": 9})
    (size,) = verdict.sizes
    at_end, at_best = (claim_pairs(verdict.claim, size.treatment, size.control, name) for name in ("end", "best"))

    def found(*sides):
        placed = (of_differences(by_unit(of.placed(side))) for of, side in zip((at_end, at_best), sides, strict=True))
        return finding(verdict.claim.measure, *placed, None)

    assert found(-1, -1) == found(1, 1) == found(-1, 1) == "only delays overfitting"
    assert found(1, -1) == "helps at the end"
    assert (verdict.outcome, size.finding) == ("supported", "")


# Diverged runs: what is said of the others holds wherever their pairs are placed.


def test_an_arm_that_diverges_often_is_not_supported_by_its_survivors():
    survivors = planted(-0.4, pairs=10)
    assert only(survivors).outcome == "supported"
    verdict = only(with_state(survivors, "append", {0, 3, 7}))
    assert verdict.outcome == "inconclusive"
    assert (verdict.pairs, verdict.diverged, verdict.sizes[0].lost) == (10, (3, 0), {0, 3, 7})
    assert "diverged: 3 of 10 append, 0 of 10 none" in verdict.remarks
    # The same seeds not run at all leave seven pairs that agree: what counts is that these diverged.
    assert only(with_state(survivors, "append", {0, 3, 7}, "missing")).outcome == "supported"


@pytest.mark.parametrize("direction", ["lower", "higher"])
@pytest.mark.parametrize("metric", ["frechet_distance", "recall", "leak_share", "frechet_gap", "r_v"])
@pytest.mark.parametrize("lost", [7, 8])
def test_what_diverged_says_nothing_of_a_number_it_does_not_have(metric, direction, lost):
    """Eight of eight, of either arm, on any scale, with or without a better side."""
    claim = CLAIM | {"metric": metric, "direction": direction}
    arms = {"none": [0.5] * 8, "append": [0.5] * 8}
    for arm in arms:
        verdict = only(with_state(arms, arm, set(range(lost))), claim, metric=metric)
        assert (verdict.outcome, verdict.pairs) == ("inconclusive", 0 if lost == 8 else 8)
        assert evidence_text(verdict).endswith("no pairs" if lost == 8 else "8 pairs, of which 1 was measured")
        assert any(f"{lost} of 8 {arm}" in remark for remark in verdict.remarks)
        assert not verdict.interim  # a diverged run has come to its end


def test_whether_a_run_diverged_is_a_number_that_a_claim_may_be_about():
    claim = CLAIM | {"metric": "diverged", "direction": "higher", "smallest_effect": 0.5}
    arms = with_state(planted(0.0), "append", set(range(8)))
    verdict = only(arms, claim)
    assert (verdict.outcome, verdict.paired.differences) == ("supported", (1.0,) * 8)
    assert (verdict.sizes[0].found.diverged, verdict.sizes[0].found.unmeasured) == ((), ())
    assert only(arms, claim | {"direction": "lower"}).outcome == "refuted"
    assert only(planted(0.0), claim).outcome == "no effect"
    # A run that never came to an end has not been seen not to diverge.
    assert only(with_state(planted(0.0), "append", {3}, "running"), claim).pairs == 7


@pytest.mark.parametrize("side", [-1, 1])
def test_a_verdict_given_with_diverged_pairs_holds_for_all_places(side):
    rng = np.random.default_rng(1)
    arms = {"none": [40.0] * 12, "append": (40 * np.exp(side * rng.uniform(0.3, 0.5, 12))).tolist()}
    verdict = only(with_state(arms, "append", {5}))
    assert verdict.outcome == ("supported" if side < 0 else "refuted")
    for place in np.linspace(-1, 1, 9):
        found = verdict.sizes[0].found
        assert judged(by_unit({**found.measured, (5, 5): place * found.reach}), verdict.claim) == verdict.outcome


def test_a_diverged_pair_may_be_as_far_off_as_the_largest_difference_and_as_what_matters():
    arms = {"none": [40.0] * 8, "append": ["diverged"] + [40 * factor for factor in (1.1, 0.5, 1, 1, 1, 1, 1)]}
    found = only(arms).sizes[0].found
    assert found.reach == pytest.approx(math.log(2))
    assert found.placed(-1)[0, 0] == -found.placed(1)[0, 0] == pytest.approx(math.log(0.5))
    small = only({"none": [40.0] * 8, "append": ["diverged"] + [40.0] * 7})
    assert small.sizes[0].found.reach == pytest.approx(-math.log(0.95))


def test_seeds_at_which_both_diverge_say_nothing():
    arms = with_state(with_state(planted(-0.2, 10), "append", {4, 5}), "none", {4, 5})
    verdict = only(arms)
    assert (verdict.outcome, verdict.pairs, verdict.diverged) == ("supported", 8, (2, 2))
    assert verdict.sizes[0].found.diverged == ()
    assert not verdict.interim
    assert "diverged: 2 of 10 append, 2 of 10 none" in verdict.remarks


def test_a_diverged_run_beside_one_that_is_not_finished_makes_no_pair():
    arms = {"none": ["running"] + [40.0] * 7, "append": ["diverged"] + [32.0] * 7}
    assert only(arms).pairs == 7


@pytest.mark.parametrize("lost", range(7))
def test_survivors_are_never_better_evidence_than_a_sign_test(lost):
    rng = np.random.default_rng(lost)
    arms = {"none": [40.0] * 12, "append": (40 * np.exp(-rng.exponential(0.3, 12))).tolist()}
    verdict = only(with_state(arms, "append", set(range(lost))))
    on_the_claimed_side = less(verdict.paired.differences)
    assert on_the_claimed_side >= stats.binom.cdf(lost, 12, 0.5) * (1 - 1e-9)
    assert verdict.outcome == "supported" or lost > 0
    assert verdict.outcome != "supported" or lost <= 2


# How often it errs. Repetitions are bounded by binomial tests, not by a chosen tolerance.


@pytest.mark.parametrize(("pairs", "repetitions"), [(6, 300), (7, 300), (8, 300), (12, 60)])
def test_a_null_is_decided_in_at_most_one_of_twenty(pairs, repetitions):
    rng = np.random.default_rng(pairs)
    claim = Claim(**CLAIM | {"smallest_effect": 0.001})
    draws = {
        "normal": rng.normal(size=(repetitions, pairs)),
        "heavy": rng.standard_t(3, size=(repetitions, pairs)),
    }
    for name, differences in draws.items():
        found = outcomes(0.1 * differences, claim)
        assert holds(np.isin(found, ["supported", "refuted"]).sum(), repetitions), name


@pytest.mark.parametrize("pairs", [7, 9])
def test_an_effect_that_just_matters_is_called_none_in_at_most_one_of_twenty(pairs):
    rng = np.random.default_rng(pairs)
    claim = Claim(**CLAIM)
    for end in claim.measure.bounds(claim.smallest_effect):
        found = outcomes(end + rng.normal(0, 0.02, (150, pairs)), claim)
        assert holds((found == "no effect").sum(), 150)


def test_a_real_effect_is_found_in_most_repetitions():
    rng = np.random.default_rng(0)
    found = outcomes(math.log(0.8) + rng.normal(0, 0.1, (100, 8)), Claim(**CLAIM))
    assert (found == "supported").mean() > 0.9
    assert (found == "refuted").sum() == 0


def reports(repetitions, arms, claims):
    return [verdicts(experiment(arms(np.random.default_rng([7, n])), claims)) for n in range(repetitions)]


def test_simulated_reports_err_and_find_as_the_documentation_says():
    """A small version of scripts/simulate_verdicts.py."""
    nothing = outcomes_of(Scenario("Student t3", [0.0] * 6, 0.01, pairs=10), 60)
    assert holds(sum(any(one != "inconclusive" for one in report) for report in nothing), 60)
    edge = outcomes_of(Scenario("normal", [1.0] * 6, 1.0, pairs=10), 40)
    assert holds(sum("no effect" in report for report in edge), 40)
    assert sum("refuted" in report for report in edge) == 0
    true = outcomes_of(Scenario("normal", [1.5] * 6, 0.5, pairs=12), 15)
    assert np.mean([one == "supported" for report in true for one in report]) > 0.8
    nested = outcomes_of(Scenario("normal", [0.0] * 4, 0.01, pairs=9, sizes=3), 40)
    assert holds(sum(any(one != "inconclusive" for one in report) for report in nested), 40)


def test_a_toss_which_run_diverges_decides_nothing_more_often():
    def arms(rng):
        values = np.exp(rng.normal(3.7, 0.1, (2, 9)))
        lost = rng.random((2, 9)) < 0.2
        return {
            name: ["diverged" if gone else value for gone, value in zip(out, row.tolist(), strict=True)]
            for name, row, out in zip(("none", "append"), values, lost, strict=True)
        }

    found = reports(200, arms, [CLAIM | {"smallest_effect": 0.001}])
    assert holds(sum(report[0].outcome in ("supported", "refuted") for report in found), 200)


def test_an_arm_that_loses_its_worst_runs_gains_nothing():
    # No difference, but treatments worse than one in the upper third diverge: the survivors look 10% better.
    def arms(rng, state="diverged"):
        control, treatment = np.exp(rng.normal(3.7, 0.05, 10)), np.exp(rng.normal(3.7, 0.25, 10))
        lost = treatment > np.exp(3.7 + 0.25 * 0.43)
        return {
            "none": control.tolist(),
            "append": [state if gone else value for gone, value in zip(lost, treatment.tolist(), strict=True)],
        }

    claims = [CLAIM | {"smallest_effect": 0.01}]
    supported = sum(report[0].outcome == "supported" for report in reports(120, arms, claims))
    among_survivors = reports(120, lambda rng: arms(rng, "missing"), claims)
    assert holds(supported, 120, 0.025)
    assert not holds(sum(report[0].outcome == "supported" for report in among_survivors), 120, 0.025)


# Claims as runs state them.


def write_sweep(write_run, effects, seeds=8, skip=()):
    """Runs of two arms at several sizes, named and laid out as a sweep leaves them, each stating `GAUSSIAN`."""
    for n_train, change in effects.items():
        arms = planted(change, seeds, seed=n_train)
        for arm, injection, key in (("none", "none", "none"), ("append_gaussian", "append", "append")):
            for seed in range(seeds):
                write_run(
                    variant=f"{arm},data.n_train={n_train}",
                    injection=injection,
                    n_train=n_train,
                    seed=seed,
                    frechet=arms[key][seed],
                    claims=[] if (arm, n_train, seed) in skip else [GAUSSIAN],
                    samples=False,
                )


def test_claims_in_run_folders_have_a_verdict_over_their_sizes(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2, 500: -0.3})
    (verdict,) = verdicts(results(runs_dir))
    assert (verdict.outcome, verdict.late, verdict.tests, verdict.exploratory) == ("supported", "", 1, False)
    assert [(size.group.size, size.outcome) for size in verdict.sizes] == [("100", "supported"), ("500", "supported")]
    assert [size.finding for size in verdict.sizes] == ["helps", "helps"]
    assert verdict.sizes[0].treatment.name == "append_gaussian"


def test_what_runs_say_of_themselves_is_said_at_the_verdict(runs_dir, write_run):
    helped = {"exploratory": True, "net_seen": 120, "autoencoder": {"stopping": "validation"}}
    for seed in range(6):
        for variant, injection, frechet in (("none", "none", 40.0), ("append_gaussian", "append", 30.0)):
            more = {"injection": injection, "frechet": frechet + seed, "claims": [GAUSSIAN], "samples": False}
            write_run(variant=variant, seed=seed, **more, **helped)
    (verdict,) = verdicts(results(runs_dir))
    assert verdict.heading == "interim, exploratory: supported"  # 8 were planned
    assert "120 of the training images were seen by the feature nets" in verdict.remarks
    assert "append_gaussian: autoencoder.stopping=validation" in verdict.remarks


def test_runs_that_went_on_after_they_had_been_measured_are_told(runs_dir, write_run):
    for seed in range(6):
        for variant, injection, frechet in (("none", "none", 40.0), ("append_gaussian", "append", 30.0)):
            more = {"injection": injection, "frechet": frechet + seed, "claims": [GAUSSIAN], "samples": False}
            folder = write_run(variant=variant, seed=seed, **more)
    status = json.loads((folder / "status.json").read_text())
    (folder / "status.json").write_text(json.dumps(status | {"extended": [{"images": 120_000, "at": None}]}))
    (verdict,) = verdicts(results(runs_dir))
    assert any(
        remark.startswith("1 of 12 runs had been measured before, at 120,000 images, and went on")
        for remark in verdict.remarks
    )


def test_a_verdict_on_arms_that_are_not_flat_holds_at_this_budget(runs_dir, write_run):
    for seed in range(8):
        for variant, injection, level in (("none", "none", 40.0), ("append_gaussian", "append", 30.0)):
            falls = {"curve": lambda share, level=level: level / share} if injection == "append" else {}
            more = {"injection": injection, "frechet": level + seed, "claims": [GAUSSIAN], "samples": False}
            write_run(variant=variant, seed=seed, **more, **falls)
    (verdict,) = verdicts(results(runs_dir))
    assert (verdict.heading, verdict.moving) == ("supported at this budget", ("append_gaussian",))
    assert "validation FD of append_gaussian still changes by 5% or more in the last quarter" in verdict.remarks


def test_a_claim_that_only_some_runs_state_is_flagged(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2}, skip={("none", 100, 0), ("none", 100, 1)})
    (verdict,) = verdicts(results(runs_dir))
    assert verdict.late == verdict.remarks[-1] == "stated in 14 of 16 runs, so not before all of them"


def test_a_claim_stated_after_a_start_says_when_and_after_how_many_images(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2})
    for seed, images in ((0, 24_000), (1, 12_000)):
        folder = runs_dir / "demo" / "append_gaussian,data.n_train=100" / f"seed={seed}"
        claim_in(folder, GAUSSIAN, f"2026-11-0{seed + 1}T00:00:00+00:00", images)
    (verdict,) = verdicts(results(runs_dir))
    assert verdict.outcome == "supported"
    assert verdict.late == (
        "stated in 2 of 16 runs after they had begun, 2026-11-02T00:00:00+00:00 after 12,000 images at the earliest"
    )


def test_a_claim_that_later_starts_withdrew_is_still_judged(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2})
    for arm in ("none", "append_gaussian"):
        for seed in range(8):
            folder = runs_dir / "demo" / f"{arm},data.n_train=100" / f"seed={seed}"
            claim_in(folder, GAUSSIAN | {"direction": "higher"}, "2026-11-01T00:00:00+00:00", 0)
    assert [verdict.outcome for verdict in verdicts(results(runs_dir))] == ["refuted"]


def test_a_claim_that_was_changed_between_runs_is_two(runs_dir, write_run):
    write_sweep(write_run, {100: -0.2})
    changed = runs_dir / "demo" / "none,data.n_train=100" / "seed=3"
    claim_in(changed, GAUSSIAN | {"smallest_effect": 0.01}, "", 0)
    found = verdicts(results(runs_dir))
    assert {(v.claim.smallest_effect, v.late[:21]) for v in found} == {
        (0.05, "stated in 15 of 16 ru"),
        (0.01, "stated in 1 of 16 run"),
    }


def test_without_claims_there_are_no_verdicts(finished):
    assert verdicts(results(finished)) == ()


def test_a_config_with_a_wrong_claim_is_named(runs_dir, write_run):
    write_run(claims=[GAUSSIAN | {"metric": "fid"}])
    claim_in(write_run(name="late"), GAUSSIAN | {"seeds": 0}, "", 0)
    with pytest.raises(ValueError, match=r"seed=0/config\.yaml: claims\.0: claims\.metric='fid'") as error:
        results(runs_dir)
    assert "\n" not in str(error.value)
    with pytest.raises(ValueError, match=r"claims\.jsonl: claims\.0\.seeds=0"):
        results(runs_dir, "late")


def test_a_diverged_run_folder_counts(runs_dir, write_run):
    for seed in range(9):
        write_run(seed=seed, frechet=40.0 + seed, samples=False, claims=[GAUSSIAN])
        state = "diverged" if seed < 4 else "done"
        arm = {"variant": "append_gaussian", "injection": "append", "claims": [GAUSSIAN]}
        write_run(seed=seed, frechet=30.0 + seed, state=state, samples=False, **arm)
    (verdict,) = verdicts(results(runs_dir))
    assert (verdict.outcome, verdict.diverged, verdict.sizes[0].lost) == ("inconclusive", (4, 0), {0, 1, 2, 3})


def test_an_override_that_all_runs_share_does_not_hide_the_claims_arms(runs_dir, write_run):
    """`experiment=demo gan.r1_gamma=2` names every variant after the override too."""
    for seed in range(8):
        for variant, injection, frechet in (("none", "none", 40.0), ("append_gaussian", "append", 30.0)):
            named = f"{variant},gan.r1_gamma=2"
            more = {"injection": injection, "frechet": frechet + seed, "samples": False, "claims": [GAUSSIAN]}
            write_run(variant=named, seed=seed, **more)
    (verdict,) = verdicts(results(runs_dir))
    assert verdict.outcome == "supported"
    assert verdict.sizes[0].treatment.name == "append_gaussian"


def test_arms_that_are_equal_in_every_pair_are_said_to_be():
    verdict = only({"none": [40.0 + seed for seed in range(6)], "append": [40.0 + seed for seed in range(6)]})
    alike = "both arms have the same number in every pair, and if there is a difference, it is smaller than 5%"
    assert (verdict.outcome, verdict.reason) == ("no effect", alike)
