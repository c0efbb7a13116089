"""What is said beside an outcome is so: of pairs that cancel, of lost ones, and of runs that a third arm has."""

import pytest

from aeaug.report.page import evidence_text, size_text, support_texts, telling_marks
from aeaug.report.statistics.exact_test import of_differences
from aeaug.report.tables import arms_table
from aeaug.report.verdict import answer as advice
from aeaug.report.verdict.mark import Mark, sign
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import Claim
from tests.report.synthetic import CLAIM, experiment

MODES = CLAIM | {"metric": "modes", "direction": "higher", "smallest_effect": 0.5}
ALIKE = "both arms have the same number in every pair"


def only(arms, claim=CLAIM, metric="frechet_distance", **more):
    (row,) = verdicts(experiment(arms, [claim], metric, **more))
    return row


def apart(by, none=10.0):
    return {"none": [none] * 8, "append": [none + by] * 8}


def test_pairs_that_cancel_over_sizes_are_not_called_alike():
    row = only({100: apart(1.0), 500: apart(-1.0)}, MODES | {"sizes": [100, 500]}, "modes")
    assert row.outcome == "no effect"
    assert [size.outcome for size in row.sizes] == ["supported", "refuted"]
    assert ALIKE not in row.reason
    assert ALIKE in only({100: apart(0.0), 500: apart(0.0)}, MODES | {"sizes": [100, 500]}, "modes").reason
    trend = only({100: apart(1.0), 1000: apart(1.0)}, MODES | {"sizes": [100, 1000], "of": "trend"}, "modes")
    assert (trend.outcome, ALIKE in trend.reason) == ("no effect", False)


def test_what_is_counted_is_called_what_it_is():
    """Of subsets crossed with initialisations there are twice as many pairs as there are units."""
    numbers = {"none": [40.0] * 12, "append": [30.0 + n % 5 for n in range(12)]}
    crossed = [(subset, seed) for subset in range(6) for seed in (0, 1)]
    row = only(numbers, keys=crossed)
    assert evidence_text(row).endswith(", 6 subsets")
    assert evidence_text(row.sizes[0]).endswith(", 6 subsets")
    assert any("6 subsets, 12 pairs" in one for one in row.facts)
    assert evidence_text(only(numbers)).endswith(", 12 pairs")
    shared = only(numbers, shared=[500])
    assert evidence_text(shared).endswith(", 12 pairs")


def test_as_many_that_diverged_in_other_pairs_are_not_called_alike():
    lost = {"none": ["diverged"] * 3 + [40.0] * 9, "append": [40.0] * 9 + ["diverged"] * 3}
    claim = CLAIM | {"metric": "diverged", "smallest_effect": 0.6, "seeds": 12}
    assert ALIKE not in only(lost, claim).reason


def test_arms_are_not_called_alike_where_a_lost_pair_or_another_size_may_differ():
    lost = {"none": [40.0] * 12, "append": ["diverged"] + [40.0] * 11}
    row = only(lost, CLAIM | {"seeds": 12})
    assert (row.outcome, ALIKE in row.reason) == ("no effect", False)
    row = only({100: apart(0.0, 40.0), 500: apart(-0.4, 40.0)}, CLAIM | {"sizes": [100, 500]})
    assert (row.outcome, ALIKE in row.reason) == ("no effect", False)
    assert [ALIKE in size.reason for size in row.sizes] == [True, False]


@pytest.mark.parametrize(
    ("differences", "of"),
    [([0.02, -0.02] * 4, "of no effect"), ([0.12, 0.1, 0.11, 0.13, 0.12, 0.1, 0.12, -0.001], "of a difference")],
)
def test_a_p_value_says_of_which_hypothesis_it_is(differences, of):
    """Of one alone it would decide, of a dozen others beside it does not."""
    arms = {"none": [100.0] * 8, "append": [100.0 + 100 * one for one in differences]}
    claims = [CLAIM] + [CLAIM | {"statement": str(number), "sizes": [100]} for number in range(40)]
    row = verdicts(experiment(arms, claims))[0]
    assert row.outcome == "inconclusive"
    assert f" {of} after correction over 41 tests" in row.reason


def test_two_zeros_agree_and_a_zero_is_no_other_sign():
    def row(at_end, at_best):
        def numbers(more):
            return {("end", "classifier"): 10.0 + more * at_end, ("best", "classifier"): 10.0 + more * at_best}

        return only({"none": [numbers(0)] * 8, "append": [numbers(1)] * 8}, MODES, "modes")

    assert [mark.words for mark in row(0, 0).marks] == ["✓ no difference either"]
    assert [mark.words for mark in row(1, 0).marks] == ["✗ no difference"]
    assert [mark.contradicts for mark in row(1, 0).marks] == [False]
    assert [mark.words for mark in row(1, -1).marks] == ["✗ other sign"]
    assert [mark.agrees for mark in row(1, 1).marks] == [True]
    assert not telling_marks(row(0, 0)), "it says nothing beside no effect"
    rounding = of_differences(dict(enumerate([0.1, 0.2, -0.3])))
    assert rounding.mean != 0
    assert Mark("label-free features", rounding, agrees=True, of="space").words == "✓ no difference either"
    assert [sign(of_differences(dict(enumerate([x] * 3)))) for x in (-0.1, 0.0, 0.1)] == [-1, 0, 1]


def test_a_sign_that_few_pairs_have_may_be_chance():
    both = ("end", "classifier"), ("best", "classifier")
    arms = {"none": [dict.fromkeys(both, 40.0)] * 6, "append": [dict.fromkeys(both, 30.0)] * 6}
    assert [mark.words for mark in only(arms).marks] == ["✓ same sign"]
    few = {name: row[:5] for name, row in arms.items()}
    assert [mark.words for mark in only(few).marks] == ["✓ same sign, not beyond chance"]


def test_runs_that_a_third_arm_has_are_neither_planned_nor_missing():
    arms = {
        "none": [100.0] * 12 + ["missing"] * 8,
        "append": [70.0 + seed for seed in range(12)] + ["missing"] * 8,
        "other": [90.0] * 20,
    }
    claim = CLAIM | {"seeds": 12}
    assert not [remark for remark in only(arms, claim).remarks if "planned" in remark]
    arms["none"][3] = arms["append"][3] = "diverged"
    remarks = only(arms, claim).remarks
    assert "of 12 planned (1 diverged in both arms)" in remarks
    assert "diverged: 1 of 12 append, 1 of 12 none" in remarks
    longer = {"none": [100.0] * 20, "append": [70.0 + seed for seed in range(12)] + ["missing"] * 8}
    assert not [remark for remark in only(longer, claim).remarks if "planned" in remark], "the control is another's too"
    added = {"none": [100.0] * 14, "append": [70.0 + seed for seed in range(14)]}
    assert [remark for remark in only(added, claim).remarks if remark.startswith("12 pairs were planned: seeds added")]


def test_what_is_of_measured_pairs_alone_says_so():
    arms = {100: apart(-30.0, 100.0), 500: apart(-30.0, 100.0)}
    arms[500] = arms[500] | {"append": [70.0 + seed for seed in range(6)] + ["diverged"] * 2}
    row = only(arms, CLAIM | {"sizes": [100, 500]})
    assert support_texts(row)[0].startswith("500 against 100 images: ")
    assert support_texts(row)[0].endswith(", of measured pairs")
    assert "6 were measured" in size_text(row.sizes[1])
    whole = only({100: apart(-30.0, 100.0), 500: apart(-20.0, 100.0)}, CLAIM | {"sizes": [100, 500]})
    assert not support_texts(whole)[0].endswith("pairs")


def test_an_answer_counts_the_pairs_that_were_measured():
    chosen = CLAIM | {"seeds": 9, "chosen_among": [{"arm": "append", "change": -0.3}, {"arm": "other", "change": 0.1}]}
    arms = {"none": [100.0] * 9, "append": [70.0 + seed for seed in range(8)] + ["diverged"]}
    assert advice.answer(verdicts(experiment(arms, [chosen]))).endswith("9 pairs, of which 8 were measured")
    begun = {"none": [100.0] * 9, "append": [70.0, 71.0, 72.0, 73.0, "diverged"] + ["missing"] * 4}
    assert "4 of 9 pairs are measured" in advice.answer(verdicts(experiment(begun, [chosen])))


def test_an_effect_that_a_number_of_0_or_1_cannot_have_is_refused():
    for effect in (1.0, 1.5):
        with pytest.raises(ValueError, match=r"claims\.smallest_effect=1(\.5)?: diverged is 0 or 1"):
            Claim(**CLAIM | {"metric": "diverged", "smallest_effect": effect})
    assert Claim(**CLAIM | {"metric": "diverged", "smallest_effect": 0.9}).smallest_effect == 0.9


def test_pairs_that_will_not_come_are_not_waited_for():
    arms = {100: apart(-30.0, 100.0), 500: {"none": ["diverged"] * 8, "append": ["diverged"] * 8}}
    row = only(arms, CLAIM | {"sizes": [100, 500]})
    assert row.ends is None
    assert evidence_text(row) == f"no pairs at all sizes{' yet' * row.interim}"


def test_a_median_says_of_how_many_runs_it_is():
    def runs(numbers):
        return [{("end", "classifier"): 0.5} if number else {} for number in numbers]

    found = arms_table(experiment({"none": runs([1, 1, 1]), "append": runs([1, 0, 1])}, metric="coverage"))
    column = next(place for place, name in enumerate(found.columns) if name.startswith("coverage"))
    cells = {row.cells[0]: row.cells[column] for row in found.rows}
    assert cells["append"].endswith("(of 2 of 3)")
    assert "of" not in cells["none"]
