"""Sentences are published while what they say is so, with the tables' numbers."""

import math
import re
from dataclasses import replace

import pytest

from aeaug.published.experiment import experiments
from aeaug.published.in_short import SENTENCES, Row, in_short, places
from aeaug.published.write import committed
from aeaug.report.facts import telling_facts
from aeaug.report.verdict import verdicts
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def rows():
    found = experiments(committed(REPOSITORY))
    both = [(name, row) for name in ("ledger", "large") for row in verdicts(found[name].results)]
    return [Row(number, name, row) for number, (name, row) in enumerate(both, 1)]


def test_every_sentence_is_true_today():
    found = experiments(committed(REPOSITORY))
    every = [
        Row(0, one.name, row) for one in found.values() if one.results is not None for row in verdicts(one.results)
    ]
    untrue = [place for place, so in places(every).items() if not so]
    assert not untrue, "a verdict is another now: write the sentence anew in src/aeaug/published/in_short.py"
    assert len(list(in_short(every))) == len(SENTENCES)


def test_what_sentences_say_without_a_number_is_so_too():
    found = experiments(committed(REPOSITORY))
    without_r1, ledger = verdicts(found["regularised"].results)[0], verdicts(found["ledger"].results)
    assert any(fact.startswith("the arm none has collapsed with 500 images") for fact in telling_facts(without_r1))
    assert ledger[5].diverged == (0, 0)
    against = verdicts(found["rivals"].results)[1]
    assert [mark.contradicts for mark in against.marks if mark.of == "space"] == [True]


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
