"""Claims of which a naive count would be sure: runs that diverged, numbers that are not there, 0 and 1, exact ties."""

import math
from dataclasses import replace
from itertools import product

import pytest

from aeaug.evaluation.reading import amount
from aeaug.report.page import evidence_text, p_text, size_text, support_texts
from aeaug.report.statistics.comparison import compare
from aeaug.report.statistics.decision import LEVEL, ends_of
from aeaug.report.statistics.exact_test import of_differences
from aeaug.report.tables import paired_metrics_table
from aeaug.report.verdict.mark import Mark
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import Claim
from aeaug.run.metrics import METRICS
from tests.report.synthetic import CLAIM, experiment

RECALL = CLAIM | {"metric": "recall", "smallest_effect": 0.02, "seeds": 9}
DIVERGED = CLAIM | {"metric": "diverged", "direction": "higher", "smallest_effect": 0.1}


def verdict(arms, claim, metric="frechet_distance"):
    (one,) = verdicts(experiment(arms, (claim,), metric=metric))
    return one


def test_a_size_that_lost_every_pair_leaves_a_claim_open():
    arms = {100: {"none": [40.0] * 9, "append": ["diverged"] * 9}, 500: {"none": [40.0] * 9, "append": [20.0] * 9}}
    found = verdict(arms, CLAIM | {"seeds": 9})
    assert found.outcome == "inconclusive"
    assert "no measured pair at 100 images" in found.reason
    assert not found.interim  # all runs came to their end


def test_a_lost_pair_reaches_as_far_as_any_size_of_its_claim():
    lost = ["diverged"] * 8
    arms = {
        100: {"none": [40.0] * 9, "append": [*lost, 39.6]},
        500: {"none": [40.0] * 9, "append": [20.0] * 9},
    }
    found = verdict(arms, CLAIM | {"seeds": 9})
    assert found.outcome == "inconclusive"
    assert [size.found.reach for size in found.sizes] == pytest.approx([math.log(2)] * 2)
    # Without the losses it is a claim like any other.
    arms[100]["append"] = [39.6] * 9
    assert verdict(arms, CLAIM | {"seeds": 9}).outcome == "supported"


@pytest.mark.parametrize("lost", ["none", "append"])
def test_a_done_run_without_the_number_is_missed_whatever_its_partner_came_to(lost):
    other = {"none": "append", "append": "none"}[lost]
    arms = {lost: [0.5] * 6 + [float("nan")] * 3, other: [0.6] * 6 + ["diverged"] * 3}
    found = verdict(arms, RECALL | {"direction": "higher" if lost == "none" else "lower"}, metric="recall")
    assert found.outcome == "inconclusive"
    assert found.reason.startswith("3 of 9 pairs have no such number")


def p_of_none(differences, smallest):
    claim = Claim(**DIVERGED | {"smallest_effect": smallest})
    return ends_of([dict(enumerate(differences))] * 2).none(claim)


def test_no_divergence_in_few_runs_is_no_proof_that_none_comes():
    found = verdict({"none": [40.0] * 6, "append": [40.0] * 6}, DIVERGED | {"seeds": 6})
    assert found.outcome == "inconclusive"
    assert p_of_none([0] * 6, 0.1) == pytest.approx(0.9**6)
    # (1 - e)^n <= 5% needs 29 runs for e = 0.1.
    assert p_of_none([0] * 28, 0.1) > LEVEL > p_of_none([0] * 29, 0.1)


@pytest.mark.parametrize(("smallest", "n"), [(0.1, 8), (0.1, 30), (0.2, 14), (0.3, 12)])
def test_at_the_smallest_effect_itself_none_is_called_in_at_most_5_of_100(smallest, n):
    """Over all that n runs may do where the treatment alone diverges, with that probability."""
    wrong = sum(
        math.comb(n, k) * smallest**k * (1 - smallest) ** (n - k)
        for k in range(n + 1)
        if p_of_none([1] * k + [0] * (n - k), smallest) <= LEVEL
    )
    assert wrong <= LEVEL


def test_and_where_both_arms_diverge_at_times():
    """Treatment with probability 0.4, control with 0.1, which is a difference of 0.3."""
    n, smallest, wrong = 10, 0.3, 0.0
    up, down = 0.4 * 0.9, 0.1 * 0.6
    for above, below in product(range(n + 1), repeat=2):
        if (same := n - above - below) >= 0:
            ways = math.factorial(n) / (math.factorial(above) * math.factorial(below) * math.factorial(same))
            chance = ways * up**above * down**below * (1 - up - down) ** same
            wrong += chance * (p_of_none([1] * above + [-1] * below + [0] * same, smallest) <= LEVEL)
    assert wrong <= LEVEL


@pytest.mark.parametrize(("direction", "treatment"), [("higher", 0.42), ("lower", 0.38)])
def test_an_estimate_that_is_the_smallest_effect_is_large_enough_on_either_side(direction, treatment):
    claim = RECALL | {"direction": direction, "seeds": 8}
    assert verdict({"none": [0.4] * 8, "append": [treatment] * 8}, claim, metric="recall").outcome == "supported"
    short = 0.4 + (treatment - 0.4) * (1 - 1e-6)
    assert verdict({"none": [0.4] * 8, "append": [short] * 8}, claim, metric="recall").outcome == "no effect"


def test_a_claim_whose_sizes_have_no_run_yet_waits():
    found = verdict({500: {"none": [40.0] * 8, "append": [30.0] * 8}}, CLAIM | {"sizes": [2000]})
    assert (found.outcome, found.interim, found.diverged) == ("inconclusive", True, (0, 0))
    assert "no runs at 2,000 images" in found.reason
    assert found.remarks


def test_pairs_lost_in_both_arms_are_said_and_hide_no_added_seeds():
    both = ["diverged"] * 2
    arms = {"none": [40.0] * 8 + both, "append": [30.0] * 8 + both}
    remarks = " ".join(verdict(arms, CLAIM | {"seeds": 8}).remarks)
    assert "8 pairs were planned: seeds added" in remarks
    remarks = " ".join(verdict(arms, CLAIM | {"seeds": 10}).remarks)
    assert "of 10 planned (2 diverged in both arms)" in remarks


CHANGES = (0.1, 0.12, 0.15, 0.2, 0.11, 0.13, 0.14, 0.16)
LOST = {"none": [40.0] * 10, "append": ["diverged"] * 2 + [40 * math.exp(change) for change in CHANGES]}


def test_what_is_printed_of_a_claim_with_lost_pairs_goes_with_its_p():
    found = verdict(LOST, CLAIM | {"seeds": 10})
    assert found.outcome == "inconclusive"
    assert found.ends.difference > LEVEL
    low, high = found.ends.span
    assert low < 0 < high
    mean = math.fsum(CHANGES) / 8
    assert found.measured.mean == pytest.approx(mean)
    said = evidence_text(found)
    assert said.startswith(f"FD +{100 * math.expm1(mean):.1f}% [−")
    assert said.endswith("10 pairs, of which 8 were measured")
    assert p_text(found) == f"p = {found.p[0]:.2g} of a difference, {found.p[1]:.2g} of no effect"


def test_nothing_is_printed_that_nobody_measured():
    found = verdict({"none": ["diverged"] * 8, "append": [40.0] * 8}, CLAIM)
    assert evidence_text(found) == "no pairs"
    assert "no measured pair" in found.reason
    (size,) = found.sizes
    assert evidence_text(size) == "no measured pair of 8 pairs"


@pytest.mark.parametrize(
    ("treatment", "outcome", "which"), [(30.0, "supported", 0), (50.0, "refuted", 0), (40.0, "no effect", 1)]
)
def test_the_p_that_is_printed_is_that_of_the_decision(treatment, outcome, which):
    arms = {"none": [40.0] * 9, "append": [treatment * (1 + 1e-4 * (k - 4)) for k in range(9)]}
    found = verdict(arms, CLAIM | {"seeds": 9})
    assert found.outcome == outcome
    assert p_text(found) == f"p = {found.p[which]:.2g}"


def test_a_kind_of_help_stands_under_a_decided_verdict_alone():
    (size,) = verdict({"none": [40.0] * 9, "append": [20.0] * 9}, CLAIM | {"seeds": 9}).sizes
    size = replace(size, finding="helps")
    for outcome, said in (("supported", True), ("refuted", True), ("no effect", False), ("inconclusive", False)):
        assert size_text(replace(size, outcome=outcome)).endswith("; helps") == said
    assert not size_text(replace(size, outcome=None)).endswith("; helps")


def test_another_space_with_an_effect_is_named_under_no_effect_too():
    found = verdict({"none": [40.0] * 9, "append": [40.0] * 9}, CLAIM | {"seeds": 9})
    assert found.outcome == "no effect"
    for difference, named in ((0.4, True), (0.0, False)):
        paired = of_differences(dict.fromkeys(range(9), difference))
        assert len(support_texts(replace(found, marks=(Mark("label-free features", paired, False, "space"),)))) == named


def test_a_table_of_differences_has_the_interval_of_all_pairs():
    """Where two of ten pairs are lost, that of the eight alone would leave 0 out."""
    arms = {"none": [0.4] * 10, "append": ["diverged"] * 2 + [0.4 + change for change in CHANGES]}
    results = experiment(arms, metric="recall")
    (row,) = compare(results, METRICS["recall"])
    assert row.paired.interval[0] > 0
    assert row.interval[0] < 0 < row.interval[1]
    low, high = (amount(end, row.metric) for end in row.interval)
    assert f"[{low} to {high}]" in str(paired_metrics_table(results))


def theirs(results, size, seeds):
    """Have the runs of these ``seeds`` at that ``size`` be of another experiment, which claims nothing."""

    def of(run):
        other = run.n_train == size and run.seed in seeds
        return replace(run, experiment="theirs", statements=()) if other else run

    groups = []
    for group in results.groups:
        arms = {arm.name: replace(arm, runs=tuple(map(of, arm.runs))) for arm in group.arms}
        controls = {name: arms[control.name] for name, control in group.controls.items()}
        groups.append(replace(group, arms=tuple(arms.values()), controls=controls))
    return replace(results, groups=tuple(groups), families={"synthetic": ("synthetic", "theirs")})


def test_another_experiment_on_the_page_brings_no_pairs_to_a_claim_that_it_does_not_state():
    """Neither other sizes nor other seeds."""
    mine, other = {"none": [40.0] * 8, "append": [30.0] * 8}, {"none": [40.0] * 8, "append": [40.0] * 8}
    (alone,) = verdicts(experiment(mine, (CLAIM,)))
    longer = {name: [*mine[name], *other[name]] for name in mine}
    for beside in (
        theirs(experiment({500: mine, 2000: other}, (CLAIM,)), 2000, range(8)),
        theirs(experiment(longer, (CLAIM,)), 500, range(8, 16)),
    ):
        (found,) = verdicts(beside)
        assert (found.outcome, found.pairs, found.remarks) == ("supported", 8, ())
        assert evidence_text(found) == evidence_text(alone)


def test_that_sizes_were_not_stated_is_said_where_there_are_several():
    arms = {"none": [40.0] * 9, "append": [30.0] * 9}
    said = "its sizes were not stated: it is about those that there are"
    assert said in verdict({100: arms, 500: arms}, CLAIM | {"seeds": 9}).remarks
    assert said not in verdict({100: arms, 500: arms}, CLAIM | {"seeds": 9, "sizes": [100, 500]}).remarks
    assert said not in verdict({100: arms}, CLAIM | {"seeds": 9}).remarks
