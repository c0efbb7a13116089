"""Sentences are published while what they say is so, with the tables' numbers."""

import math
import re
from dataclasses import replace

import pytest

from aeaug.published.beside import against_all, itself
from aeaug.published.in_short import Row, in_short, places
from aeaug.published.sentences import BESIDE_ADVICE, LEAD, SENTENCES
from aeaug.report.verdict.facts import telling_facts
from aeaug.report.verdict.verdict import verdicts


@pytest.fixture(scope="module")
def rows(published):
    both = [(name, row) for name in ("ledger", "large") for row in verdicts(published[name].results)]
    return [Row(number, name, row) for number, (name, row) in enumerate(both, 1)]


def test_every_sentence_is_true_today(published):
    every = [
        Row(0, one.name, row) for one in published.values() if one.results is not None for row in verdicts(one.results)
    ]
    typed = (*LEAD, *SENTENCES, *BESIDE_ADVICE)
    untrue = [place for place, so in places(every, typed).items() if not so]
    assert not untrue, "a verdict is another now: write the sentence anew in src/aeaug/published/sentences.py"
    assert len(list(in_short(every, typed))) == len(typed)


def test_what_sentences_say_without_a_number_is_so_too(published):
    found = {name: one.results for name, one in published.items()}
    without_r1, ledger = verdicts(found["regularised"])[0], verdicts(found["ledger"])
    assert any(fact.startswith("the arm none has collapsed with 500 images") for fact in telling_facts(without_r1))
    assert ledger[5].diverged == (0, 0)
    against, asked = verdicts(found["rivals"])[1], verdicts(found["regularised"])[1]
    assert [mark.contradicts for mark in against.marks if mark.of == "space"] == [True]
    (alone, _), (_, consistent) = itself(ledger[0].sizes[1], ledger[0].claim), itself(asked.sizes[0], asked.claim)
    assert alone < 0.95 * consistent, "R1 alone surpasses it"
    (_, kept) = itself(against.sizes[0], against.claim)
    assert kept < alone, "gan.r1_gamma=own helps where auto does, and more"


def test_other_looks_at_the_same_pairs_are_said_by_their_side(rows):
    first, tenth = rows[0].verdict, rows[9].verdict
    (space,) = (mark for mark in first.marks if mark.of == "space")
    (small,) = (own for group, own in space.sizes if group.n_train == 100)
    (harmed,) = (size for size in tenth.sizes if size.group.n_train == 2000)
    both, own = itself(harmed, tenth.claim), against_all(harmed, "classifier")
    other = against_all(harmed, "classifier", treatment=False)
    assert own[0] == other[0] == "none"
    assert own[1].mean - other[1].mean == pytest.approx(harmed.measured.mean, abs=1e-9), "of the same pairs"
    assert both[1] / both[0] == pytest.approx(math.exp(harmed.measured.mean), rel=1e-9)
    text = (
        "{ledger:1@100/label_free lower}; {ledger:10@2000/against_all higher}; "
        "{ledger:10@2000/control_against_all higher}; {ledger:10@2000/control itself}; "
        "{ledger:10@2000/treatment itself}"
    )
    (said,) = in_short(rows, [text])
    changes = [f"{100 * math.expm1(mean):+.1f}%" for mean in (small.paired.mean, own[1].mean, other[1].mean)]
    expected = "; ".join([*changes, *(f"{value:.0f}" for value in both)])
    assert said == f"{expected} (Rows 1, 10)".replace("-", "−")
    wrong = ["{ledger:1@100/label_free higher}", "{ledger:1@100/against_all lower}", "{ledger:1/nothing lower}"]
    assert not any(places(rows, wrong).values()), "the control of row 1 is that of all"


def test_a_sentence_may_be_about_what_is_waited_for_and_is_left_out_when_it_is_there(rows):
    waiting = [row._replace(verdict=replace(row.verdict, interim=True)) for row in rows]
    assert list(in_short(waiting, ["So far {large:1 interim refuted}."]))
    assert not list(in_short(rows, ["So far {large:1 interim refuted}."]))


def test_numbers_and_rows_are_those_of_the_verdicts(rows):
    first, last = rows[0].verdict, rows[-1]
    (small,) = (size for size in first.sizes if size.group.n_train == 100)
    text = (
        f"One {{ledger:1@100 {small.outcome}}}, two {{large:2 {last.verdict.outcome}}}, three {{ledger:3 supported}}."
    )
    (said,) = in_short(rows, [text])
    means = small.measured.mean, last.verdict.measured.mean
    percents = [f"{100 * math.expm1(mean):+.1f}%" for mean in means]
    recall = f"{rows[2].verdict.measured.mean:+.3g}"
    expected = f"One {percents[0]}, two {percents[1]}, three {recall}. (Rows 1, 3, {len(rows)})"
    assert said == expected.replace("-", "−")


def test_another_number_of_the_same_pairs_is_said_by_its_side(rows):
    (said,) = in_short(rows, ["It falls: {ledger:3@2000/coverage lower}."])
    assert re.fullmatch(r"It falls: −0\.\d+\. \(Row 3\)", said)
    assert places(rows, ["{ledger:3@2000/coverage higher}"]) == {"{ledger:3@2000/coverage higher}": False}
    waiting = [row._replace(verdict=replace(row.verdict, interim=True)) for row in rows]
    assert not list(in_short(waiting, ["{ledger:3@2000/coverage lower}"]))


@pytest.mark.parametrize(
    "place",
    [
        "{ledger:1@100 refuted}",
        "{ledger:1@500 no effect}",
        "{ledger:1@700 supported}",
        "{ledger:1 refuted}",  # of sizes that disagree the average is headed so
        "{ledger:99 supported}",
        "{nowhere:1 supported}",
    ],
)
def test_what_is_not_so_is_left_out(rows, place):
    assert len(list(in_short(rows, [f"It is {place}.", "And {large:1 refuted}."]))) == 1
    assert places(rows, [f"It is {place}."]) == {place: False}


def test_an_average_of_sizes_that_disagree_has_to_be_said_as_one(rows):
    assert places(rows, ["{ledger:1 refuted on average of sizes that disagree}"]) == {
        "{ledger:1 refuted on average of sizes that disagree}": True
    }


@pytest.mark.parametrize("waits", ["interim", "exploratory"])
def test_a_verdict_that_is_not_final_is_none_to_publish_words_about(rows, waits):
    waiting = [row._replace(verdict=replace(row.verdict, **{waits: True})) for row in rows]
    assert list(in_short(rows, ["{large:1 refuted}"]))
    assert not list(in_short(waiting, ["{large:1 refuted}"]))
