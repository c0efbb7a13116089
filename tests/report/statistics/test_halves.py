"""Halves of a pair that were made under different circumstances are said, where they are and nowhere else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from aeaug.report.results import Results
from aeaug.report.setting import setting
from aeaug.report.statistics.halves import unlike_halves
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.records import RunRecord
from tests.report.synthetic import CLAIM, experiment
from tests.report.verdict.test_facts import ARMS, changed

LABEL = "pairs whose halves were not trained alike"
VERSIONS = "aeaug 0.1.0, lightning 2.6.6, python 3.11.7, torch 2.14.1"


def said(**words: Callable[[RunRecord], str]) -> Callable[[RunRecord], RunRecord]:
    """The change of a run's words to these, each of the run; those that are empty are not there."""

    def change(run: RunRecord) -> RunRecord:
        found = {key: of(run) for key, of in words.items()}
        return replace(run, words={**run.words, **{key: word for key, word in found.items() if word}})

    return change


def in_report(found: Results) -> tuple[str, tuple[str, ...]]:
    """What the setting says of halves, and the facts of the only verdict."""
    (verdict,) = verdicts(found)
    return dict(setting(found)).get(LABEL, ""), verdict.facts


def of_treatment(one: str, other: str, below: int = 3) -> Callable[[RunRecord], str]:
    """``one`` in the treatment's runs with a seed below that, ``other`` in all else."""
    return lambda run: one if run.arm == "append" and run.seed < below else other


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"threads": of_treatment("2", "1")}, "3 of 8 with 1 and 2 threads"),
        ({"threads": of_treatment("10", "2", 8)}, "8 of 8 with 2 and 10 threads"),
        ({"threads": of_treatment("1 then 4", "1", 1)}, "1 of 8 with 1 and 1 then 4 threads"),
        ({"processor": of_treatment("EPYC (AVX2)", "Xeon (AVX512)")}, "3 of 8 on EPYC (AVX2) and Xeon (AVX512)"),
        (
            {"versions": of_treatment(VERSIONS.replace("2.14.1", "2.11.0"), VERSIONS)},
            "3 of 8 with torch 2.11.0 and 2.14.1",
        ),
        (
            {"versions": of_treatment("python 3.12.1, torch 2.11.0", "python 3.11.7, torch 2.14.1", 2)}
            | {"threads": of_treatment("2", "1", 5)},
            "2 of 8 with python 3.11.7 and 3.12.1, 2 of 8 with torch 2.11.0 and 2.14.1, 5 of 8 with 1 and 2 threads",
        ),
    ],
)
def test_what_differs_within_pairs_is_counted_in_the_setting_and_at_the_verdict(
    words: dict[str, Callable[[RunRecord], str]], says: str
) -> None:
    setting_says, facts = in_report(changed(experiment(ARMS), said(**words)))
    assert sorted(setting_says.split(", ")) == sorted(says.split(", "))
    assert facts == (f"halves of pairs were not trained alike: {setting_says}",)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"threads": lambda run: "1", "processor": lambda run: "Xeon", "versions": lambda run: VERSIONS},
        # From pair to pair anything may differ, as long as the halves of each are alike.
        {"threads": lambda run: str(run.seed), "versions": lambda run: f"torch 2.{run.seed}"},
        # An earlier version's runs say less, and what nobody said differs in nothing.
        {"threads": of_treatment("", "1"), "processor": of_treatment("Xeon", ""), "versions": of_treatment("", "a 1")},
        {"versions": of_treatment("torch 2.14.1", "torch 2.14.1, python 3.11.7")},
        {"versions": of_treatment("{0} 1, {} 2, , x", "{0} 3, {} 4, y"), "threads": lambda run: "{}"},
    ],
)
def test_where_halves_are_alike_nothing_is_said(words: dict[str, Callable[[RunRecord], str]]) -> None:
    assert in_report(changed(experiment(ARMS), said(**words))) == ("", ())


def test_only_pairs_that_were_begun_are_counted_and_exchanging_the_arms_changes_nothing() -> None:
    arms = {"none": [*ARMS["none"][:5], "missing", "running", "diverged"], "append": ARMS["append"]}
    found = changed(experiment(arms), said(threads=of_treatment("2", "1", 7)))
    ((treatment, control),) = found.groups[0].compared
    assert unlike_halves([(treatment, control)]) == "6 of 7 with 1 and 2 threads"
    assert unlike_halves([(control, treatment)]) == "6 of 7 with 1 and 2 threads"
    assert unlike_halves([(treatment, control), (control, treatment)]) == "12 of 14 with 1 and 2 threads"
    assert unlike_halves([(control, control)]) == unlike_halves([]) == ""


def test_a_verdict_says_it_of_its_own_pairs_and_the_setting_of_all() -> None:
    """Two claims on three arms, one of them between arms that no table compares; sizes are counted together."""
    arms = {**ARMS, "replace": ARMS["append"]}
    claims = [CLAIM, CLAIM | {"treatment": "replace", "control": "append"}]
    found = changed(
        experiment({100: arms, 500: arms}, claims),
        lambda run: replace(run, words={**run.words, "threads": "2" if run.arm == "replace" else "1"}),
    )
    alike, unlike = verdicts(found)
    assert (alike.claim.treatment, unlike.claim.treatment) == ("append", "replace")
    assert alike.facts == ()
    assert unlike.facts == ("halves of pairs were not trained alike: 16 of 16 with 1 and 2 threads",)
    # append and replace against none, and replace against append, at two sizes each.
    assert dict(setting(found))[LABEL] == "32 of 48 with 1 and 2 threads"
