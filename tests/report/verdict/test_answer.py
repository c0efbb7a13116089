"""The one line of an advice: what it says of planted pairs, and how often it errs where nothing helps."""

import numpy as np
import pytest

from aeaug.advise.words import choice_text
from aeaug.report.verdict import answer as one_line
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.claims import Claim
from tests.report.synthetic import CLAIM, experiment

ARMS = ("diffaugment", "append", "none,gan.r1_gamma=30")
CHOSEN = [{"arm": arm, "change": change} for arm, change in zip(ARMS, (None, -0.2, 0.1), strict=True)]


def answer(results):
    return one_line.answer(verdicts(results))


def choice(results):
    return one_line.choice(verdicts(results))


def planted(differences, control=None, **changes):
    """The results of pairs with these differences of log FD, of an arm that was chosen."""
    control = np.full(len(differences), 100.0) if control is None else control
    claim = CLAIM | {"seeds": len(differences), "chosen_among": CHOSEN} | changes
    return experiment({"none": list(control), "append": list(control * np.exp(differences))}, [claim])


def test_an_option_that_helps_is_named_with_its_change_and_interval():
    found = answer(planted(np.log([0.70, 0.72, 0.75, 0.77, 0.80, 0.82])))
    change = "FD −24.1% [95% interval −30.0% to −18.0%] in the classifier's features, 6 pairs"
    assert found == f"use append: expected change against none: {change}"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({("end", "self_supervised"): 1.3}, "append helps in the classifier's features alone, so it is not advised: "),
        ({("best", "classifier"): 1.3}, "append helps at the end of the budget alone, so it is not advised: "),
        ({("end", "self_supervised"): 0.8}, "use append: "),
    ],
)
def test_what_another_space_or_reading_contradicts_is_not_advised(other, said):
    factors = {("end", "classifier"): 0.7} | other
    arms = {
        "none": [dict.fromkeys(factors, 40.0)] * 8,
        "append": [{place: 40.0 * by * one for place, by in factors.items()} for one in np.linspace(0.98, 1.02, 8)],
    }
    found = answer(experiment(arms, [CLAIM | {"chosen_among": CHOSEN}]))
    assert found.startswith(said)
    assert "against none" in found
    assert "FD −30.0% [95% interval " in found


@pytest.mark.parametrize(
    "differences",
    [
        np.zeros(6),  # two arms that differ in name only
        np.log([1.2] * 6),  # it harms
        np.log([0.7, 0.7, 0.7, 0.7, 0.7, 1.01]),  # five of six say nothing
        np.log([0.97, 0.96, 0.98, 0.97, 0.96, 0.98]),  # beyond chance, and less than what is worth it
    ],
)
def test_of_what_does_not_help_it_says_that_there_is_no_evidence(differences):
    assert answer(planted(differences)).startswith("no evidence that any helps: append, the best of 3 on tuning seeds:")


def test_below_six_pairs_it_cannot_tell():
    results = planted(np.log([0.5] * 5), seeds=6)
    assert answer(results) == "too few minutes to tell: 5 of 6 pairs are measured; the same command goes on"


def test_runs_that_wait_keep_it_from_answering():
    claim = CLAIM | {"seeds": 8, "chosen_among": CHOSEN}
    arms = {"none": [100.0] * 8, "append": [50.0] * 7 + ["running"]}
    assert answer(experiment(arms, [claim])).startswith("too few minutes to tell: 7 of 8")


@pytest.mark.parametrize("lost", [0, 2])
def test_where_only_another_claim_waits_no_more_time_is_asked_for(lost):
    """Nor where pairs diverged in both arms: they have come to their end."""
    ended = ["diverged"] * lost
    arms = {"none": [100.0] * (8 - lost) + ended, "append": [50.0] * (8 - lost) + ended, "other": ["running"] * 8}
    claim = CLAIM | {"seeds": 8, "chosen_among": CHOSEN}
    found = answer(experiment(arms, [claim, CLAIM | {"statement": "Other.", "treatment": "other"}]))
    assert found.endswith(": other claims of this report wait for runs")
    assert "minutes" not in found
    assert "use append" not in found


def test_an_arm_that_diverges_is_not_recommended_for_its_survivors():
    claim = CLAIM | {"seeds": 8, "chosen_among": CHOSEN}
    arms = {"none": [100.0] * 8, "append": [50.0] * 6 + ["diverged"] * 2}
    assert answer(experiment(arms, [claim])).startswith("no evidence that any helps")
    nothing = {"none": [100.0] * 8, "append": ["diverged"] * 8}
    assert answer(experiment(nothing, [claim])).endswith("tuning seeds: no measured pair: one run of each diverged")
    neither = {"none": [100.0] * 3 + ["diverged"] * 5, "append": [50.0] * 3 + ["diverged"] * 5}
    assert answer(experiment(neither, [claim])).endswith("tuning seeds: too few seeds")


def test_a_claim_of_nothing_chosen_has_no_answer():
    results = planted(np.log([0.7] * 6), chosen_among=[])
    assert (answer(results), choice(results)) == ("", "")


def test_where_none_diverged_no_arm_is_said_to_have():
    everything = [{"arm": arm, "change": None} for arm in ARMS]
    said = choice(planted(np.zeros(6), chosen_among=everything))
    for arm in ARMS:
        assert f"{arm} diverged" not in said
        assert f"{arm} has no number: a run of it or of the control diverged" in said
    assert choice_text(Claim(**CLAIM, chosen_among=everything)).count("a run of it or of the control diverged") == 3


def test_what_came_of_every_arm_on_the_tuning_seeds_is_told():
    said = choice(planted(np.zeros(6)))
    assert (
        "diffaugment has no number: a run of it or of the control diverged, append −18.1%, none,gan.r1_gamma=30 +10.5%"
        in said
    )


PAIRS, ARMS_TRIED, REPORTS = 8, 7, 400


def chosen_of_many(random, effects):
    """The differences of the arm of seven that looks best on two tuning seeds, at eight other pairs. Arms of a seed
    share their control, in both."""
    tuning = random.normal(size=(2, ARMS_TRIED)) + random.normal(size=(2, 1)) + np.asarray(effects)
    best = int(tuning.mean(0).argmin())
    return 0.1 * (effects[best] + random.normal(size=PAIRS) - random.normal(size=PAIRS)), 0.1 * effects[best]


def ends(text):
    """The interval in an answer, of log FD."""
    words = text.partition("[95% interval ")[2].partition("]")[0].replace("−", "-").replace("%", "")
    return [float(np.log1p(float(word) / 100)) for word in words.split(" to ")]


def test_where_no_arm_does_anything_one_is_recommended_in_no_more_than_5_percent_of_reports_and_in_some():
    """6 of 256 sign patterns of eight pairs are beyond chance on the claimed side: 2.3%, whatever was chosen among."""
    random = np.random.default_rng(0)
    draws = [chosen_of_many(random, np.zeros(ARMS_TRIED)) for _ in range(REPORTS)]
    found = [answer(planted(differences, smallest_effect=1e-6)) for differences, _ in draws]
    rate = np.mean([text.startswith("use ") for text in found])
    assert rate == pytest.approx(6 / 256, abs=0.0188)  # 2.5 standard errors
    assert rate < 0.05
    held = np.mean([low <= 0.0 <= high for low, high in map(ends, found)])
    assert held == pytest.approx(1 - 12 / 256, abs=0.0264)


def test_the_interval_holds_what_the_chosen_arm_does_however_it_was_chosen():
    """Of arms that differ, the best looking one: on the seeds that chose it, it would look better than it is."""
    random, effects = np.random.default_rng(1), np.linspace(-1.5, 0.0, ARMS_TRIED)
    draws = [chosen_of_many(random, effects) for _ in range(REPORTS)]
    found = [ends(answer(planted(differences))) for differences, _ in draws]
    held = np.mean([low <= true <= high for (low, high), (_, true) in zip(found, draws, strict=True)])
    assert held == pytest.approx(1 - 12 / 256, abs=0.0264)
    told = np.mean([differences.mean() - true for differences, true in draws])
    assert told == pytest.approx(0.0, abs=0.0063)  # no winner's curse
