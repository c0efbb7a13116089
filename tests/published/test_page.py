"""A page says what was found, by which runs, and which are not run; the advice goes by validation images."""

import json
import math
import re
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from aeaug.evaluation.reading import amount, percent
from aeaug.published import experiment as experiment_module
from aeaug.published.advice import advice, chosen
from aeaug.published.answer import _all_at_once, answer
from aeaug.published.beside import frechet_distances
from aeaug.published.experiment import Experiment, heading
from aeaug.published.figure import drawn, drawn_in, png
from aeaug.published.index import index_page
from aeaug.published.page import experiment_page
from aeaug.published.recommendation import recommendations
from aeaug.report.page import effect, evidence_text
from aeaug.report.results import results_of
from aeaug.report.statistics.comparison import compare
from aeaug.report.tables import arms_table
from aeaug.report.verdict.verdict import verdicts
from aeaug.run.metrics import METRICS
from aeaug.run.table.rows import experiment_rows
from tests.published.conftest import EFFECTS
from tests.report.conftest import run_directory


def job(arm, n_train, seed):
    data = SimpleNamespace(n_train=n_train, subset_seed=seed)
    return SimpleNamespace(variant=f"{arm},data.n_train={n_train}", data=data, seed=seed, model_dump=lambda mode: {})


@pytest.fixture
def one(recipe, results, monkeypatch):
    """The experiment with its runs, and four that were announced too."""
    jobs = [job(arm, size, seed) for size, effects in EFFECTS.items() for arm in effects for seed in range(8)]
    more = [job("append_noise", 500, seed) for seed in range(4)]
    monkeypatch.setattr(experiment_module, "announced", lambda sweeps: [*jobs, *more])
    return Experiment(recipe, results)


def test_what_is_not_run_is_counted_by_arm_and_size(one):
    assert one.waiting == {("append_noise", 500): 4}
    assert one.progress == "56 of 60 runs are done, 4 are not run yet"
    page = experiment_page(one)
    assert "Not run yet: 4 of the runs that the commands above make." in page
    assert "| `append_noise` | 500 | – | – | 4 | – |" in page


def test_an_arm_that_versions_call_differently_is_one(recipe, results, monkeypatch):
    """What a name says is compared with what the runs say that they did."""
    settings = {"data": {"n_train": 100}, "perturbation": {"name": "gaussian"}, "augmentation": {"name": "append"}}
    renamed = job("append_gaussian,perturbation.name=gaussian", 100, 0)
    renamed.model_dump = lambda mode: settings
    other = job("append_gaussian,perturbation.name=uniform", 100, 0)
    other.model_dump = lambda mode: settings | {"perturbation": {"name": "uniform"}}
    monkeypatch.setattr(experiment_module, "announced", lambda sweeps: [renamed, other])
    assert Experiment(recipe, results).waiting == {("append_gaussian,perturbation.name=uniform", 100): 1}


def test_a_page_has_each_verdict_with_its_evidence_and_command(one, results):
    page = experiment_page(one)
    (row,) = verdicts(results)
    assert f"**{row.heading}**" in page
    assert row.claim.statement in page
    assert "python scripts/train.py -m experiment=mine arm=none,append_gaussian" in page
    assert "100 images: " in page
    for line in page.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")


def test_hours_are_those_in_which_some_run_was_under_way(one):
    """Two at a time for two hours, a pause, and one alone for half an hour: 2.5 hours, in which 4.5 of runs went by."""
    times = [("08:00", "10:00"), ("08:00", "10:00"), ("12:00", "12:30")]
    runs = [
        replace(run, state="done", words={**run.words, **{key: f"2026-11-02T{at}:00+00:00" for key, at in both}})
        for run, times_of in zip(one.runs, times, strict=False)
        for both in [list(zip(("started", "finished"), times_of, strict=True))]
    ]
    one.__dict__["runs"] = tuple(runs)
    assert "- hours under way, evaluation included: 2.5 for 3 runs, 1.8 at a time" in experiment_page(one)
    one.__dict__["runs"] = tuple(replace(run, words={}) for run in runs)
    assert "hours under way" not in experiment_page(one)


def test_a_page_says_what_was_known_before(one):
    assert "no evidence of their own" not in experiment_page(one)
    assert "`none` (8 of 8 runs) is that of `other`." in experiment_page(
        one, ["`none` (8 of 8 runs) is that of `other`"]
    )


def test_commits_are_counted_and_what_was_not_committed_is_said(one):
    words = ["abc", "abc, changed", "abc, changed"]
    one.__dict__["runs"] = tuple(
        replace(run, words={**run.words, "code": word}) for run, word in zip(one.runs, words, strict=False)
    )
    page = experiment_page(one)
    assert "- commit: abc (1 run); abc with changes that were not committed (2 runs)" in page


def test_tables_of_a_page_have_as_many_cells_as_columns(one):
    for block in experiment_page(one).split("\n\n"):
        widths = {line.count(" |") for line in block.splitlines() if line.startswith("|")}
        assert len(widths) <= 1, block


def test_an_experiment_without_a_table_is_listed_as_not_run(one, recipe):
    page = index_page([one, Experiment(recipe, None)])
    assert "- `mine`, 60 runs: Does it help? a minute." in page
    assert "[mine](mine.md)" in page
    assert "Every experiment that is meant" not in page


def test_the_advice_is_the_arm_that_validation_images_choose(results):
    said = dict(zip((100, 500), advice(results), strict=True))
    assert said[100].startswith("With **100** training images: use `append_gaussian`. Of 2 arms it has the lowest FD")
    row, many = chosen(results, results.groups[0])
    (measured,) = [
        one for one in compare(results, METRICS["frechet_distance"])
        if one.group is row.group and one.treatment.name == "append_gaussian"
    ]  # fmt: skip
    assert many == 2
    assert row.paired == measured.paired, "the number is of test images"


def test_the_advice_says_what_other_features_say_and_which_arms_help_in_both(mine, results, tmp_path):
    """They choose nothing, but where they show no help, use is not advised: 100 images, of which the label-free FD of
    the arm that is chosen is made twice as high."""
    (said, _) = advice(results)
    (row,) = (
        row for row in compare(results, METRICS["frechet_distance"], tested=False, space="self_supervised")
        if (row.group.n_train, row.treatment.name) == (100, "append_gaussian")
    )  # fmt: skip
    assert f" In label-free features it changes by {percent(row.paired.mean)} [" in said
    assert ": use `append_gaussian`. Of 2 arms it has the lowest FD on the validation images; " in said
    assert "in both" not in said
    shutil.copytree(mine, tmp_path / "runs")
    for file in (tmp_path / "runs").glob("mine/append_gaussian,data.n_train=100/seed=*/metrics.json"):
        found = json.loads(file.read_text())
        found["readings"]["end"]["spaces"]["self_supervised"]["frechet_distance"] *= 2
        file.write_text(json.dumps(found))
    (other, _) = advice(results_of(experiment_rows(tmp_path / "runs", ["mine"])))
    own, others = (text.partition(" Of 2 arms ")[2].partition(" In label-free")[0] for text in (said, other))
    assert own == others
    alone = "`append_gaussian`, which `augmentation=auto` takes, is shown to help in the classifier's features alone."
    assert f" {alone} Of 2 arms " in other
    assert f" it changes by {percent(row.paired.mean + math.log(2))} [" in other
    rows = [
        one.paired.mean
        for space in ("classifier", "self_supervised")
        for one in compare(results, METRICS["frechet_distance"], tested=False, space=space)
        if (one.group.n_train, one.treatment.name) == (100, "append_reconstruct")
    ]
    assert all(mean < 0 for mean in rows)
    changes = [re.escape(percent(mean)) for mean in rows]
    assert re.search(
        r": use `append_reconstruct`, of those that are shown to help in both spaces the one with the lowest FD on the "
        r"validation images \({} \[[^()]*\] and {} \[[^()]*\]\)\. ".format(*changes),
        other,
    )


def test_more_real_images_are_no_advice_and_harm_is_none(results):
    said = list(advice(results))[1]
    assert "append_fresh" not in said
    assert said.startswith("With **500** training images: leave out all of them. Of 2 arms, none has a lower FD")


def test_what_is_not_shown_to_help_is_not_recommended(runs_dir, write_run):
    for seed in range(8):
        noise = np.random.default_rng(seed).normal(0, 0.1)
        write_run(variant="none", seed=seed, frechet=40.0, samples=False)
        changed = 39.5 * np.exp(noise)
        write_run(variant="append-gaussian", injection="append", seed=seed, frechet=changed, samples=False)
    (said,) = advice(results_of(experiment_rows(runs_dir, ["demo"])))
    assert "nothing is shown to help" in said or "leave out all of them" in said


def one_size(runs_dir, write_run, **arms):
    """What is advised of none, at an FD of 40, and ``arms``: their FD on validation images, and on test images, by
    seed; None where a run diverged."""
    for seed in range(12):
        write_run(variant="none", seed=seed, frechet=40.0, curve=lambda _: 40.0, samples=False)
        for arm, (validation, test) in arms.items():
            state = {} if test[seed] is not None else {"state": "diverged"}
            given = {"frechet": test[seed] or 40.0, "curve": lambda _, at=validation: at} | state
            write_run(variant=arm, injection="append", seed=seed, samples=False, **given)
    results = results_of(experiment_rows(runs_dir, ["demo"]))
    return next(advice(results)), chosen(results, results.groups[0])


def test_of_an_arm_that_is_not_shown_to_help_nothing_is_said_of_others(runs_dir, write_run):
    mixed = [30.0, 50.0] * 6
    said, _ = one_size(runs_dir, write_run, append_noise=(20.0, mixed), append_gaussian=(30.0, [35.0] * 12))
    assert ": `append_noise`, which the validation images choose, is not shown to help. Of 2 arms " in said
    assert re.search(r" Shown to help in both: `append_gaussian` \(−12\.5% \[", said)
    assert "nothing" not in said


def test_nothing_is_shown_to_help_where_no_arm_is(runs_dir, write_run):
    mixed = [30.0, 50.0] * 6
    said, _ = one_size(runs_dir, write_run, append_noise=(20.0, mixed), append_gaussian=(30.0, mixed))
    assert ": nothing is shown to help. Of 2 arms `append_noise` has the lowest FD on validation images" in said
    assert "hown to help in both" not in said


def test_an_arm_that_loses_runs_is_chosen_last(runs_dir, write_run):
    """However low the validation FD of those that are left."""
    half = [None] * 6 + [20.0] * 6
    said, (row, many) = one_size(runs_dir, write_run, append_noise=(10.0, half), append_gaussian=(30.0, [35.0] * 12))
    assert (row.treatment.name, many) == ("append_gaussian", 2)
    assert ": use `append_gaussian`. Of 2 arms, those with a diverged run last, it has the lowest FD" in said


def test_an_arm_that_loses_nearly_all_is_told_of_and_not_counted(runs_dir, write_run):
    lost = [None] * 10 + [20.0] * 2
    said, (_, many) = one_size(runs_dir, write_run, append_noise=(10.0, lost), append_gaussian=(30.0, [35.0] * 12))
    assert many == 1
    assert ": use `append_gaussian`. Of one arm it has" in said
    assert said.endswith(" Left out, for runs of it diverged: `append_noise` (10 of 12 runs).")


def test_few_pairs_are_no_advice(tmp_path):
    for seed in range(3):
        for arm, injection in (("none", "none"), ("append-gaussian", "append")):
            run_directory(tmp_path, variant=arm, injection=injection, seed=seed, samples=False)
    (said,) = advice(results_of(experiment_rows(tmp_path, ["demo"])))
    assert said.endswith("nothing can be said yet, no arm has 6 pairs with a control.")


def test_the_figure_holds_what_it_shows(results):
    tree = drawn(results)
    assert list(tree["sizes"]) == ["append_gaussian", "append_reconstruct"]  # those at every size
    assert list(tree["courses"]) == ["100", "500"]
    assert drawn_in(png(results)) == tree
    found = compare(results, METRICS["frechet_distance"])
    rows = {row.group.n_train: row for row in found if row.treatment.name == "append_gaussian"}
    for size, change, low, high in tree["sizes"]["append_gaussian"]:
        assert change == pytest.approx(rows[int(size)].paired.mean, abs=1e-5)
        assert (low, high) == pytest.approx(rows[int(size)].interval, abs=1e-5)


def test_what_is_recommended_is_what_the_advice_names(results):
    """Help at 100 images; harm at 500, where the arm that is shown more images is no choice."""
    found = json.loads(recommendations(results))
    assert found.keys() == {"100", "500"}
    small, large = found["100"], found["500"]
    assert (small["overrides"], small["control"], small["pairs"]) == (["arm=append_gaussian"], "none", 8)
    assert small["settings"]["augmentation.name"] == "append"
    (row,) = (row for row in compare(results, METRICS["frechet_distance"], tested=False)
              if (row.group.n_train, row.treatment.name) == (100, "append_gaussian"))  # fmt: skip
    assert small["change"] == pytest.approx(row.paired.mean, abs=1e-6)
    assert small["interval"] == pytest.approx(row.interval, abs=1e-6)
    (row,) = (row for row in compare(results, METRICS["frechet_distance"], tested=False, space="self_supervised")
              if (row.group.n_train, row.treatment.name) == (100, "append_gaussian"))  # fmt: skip
    assert list(small["elsewhere"]) == ["self_supervised"]
    assert small["elsewhere"]["self_supervised"] == pytest.approx([row.paired.mean, *row.interval], abs=1e-6)
    assert (large["overrides"], large["change"], large["interval"]) == (["arm=none"], None, None)
    assert json.loads(recommendations(None)) == {}


def test_an_arm_that_is_shown_more_images_is_no_advice(mine, tmp_path):
    shutil.copytree(mine, tmp_path / "runs")
    for config in (tmp_path / "runs").glob("mine/append_gaussian,data.n_train=100/*/config.yaml"):
        said = yaml.safe_load(config.read_text())
        said["budget"]["match"] = "real"
        config.write_text(yaml.safe_dump(said))
    found = json.loads(recommendations(results_of(experiment_rows(tmp_path / "runs", ["mine"]))))
    assert found["100"]["overrides"] == ["arm=append_reconstruct"]


def test_the_answer_has_a_line_for_each_claim_and_a_command_in_it(one):
    said = answer({"ledger": one})
    lines = [line for line in said.splitlines() if re_line(line)]
    assert len(lines) == len(verdicts(one.results)) == 1
    assert "`python scripts/train.py -m experiment=mine arm=none,append_gaussian`" in lines[0]
    assert "With **500** training images" in said
    (row,) = verdicts(one.results)
    itself = frechet_distances(row)
    means = [
        f"{at}: {amount(size.measured.mean, row.claim.quantity)}, {size.outcome} ({itself[at]})"
        for size in row.sizes
        for at in [size.group.size]
    ]
    assert len(means) == len(set(size.outcome for size in row.sizes)) == 2
    least = f"{100 * row.claim.smallest_effect:g}% matters"
    assert f"| {evidence_text(row)}; {least}<br>{'<br>'.join(means)}<br>" in lines[0]
    assert "<br>the best reading is the best of 10, 20 are wanted |" in lines[0]


def test_where_sizes_agree_with_the_whole_their_outcomes_are_not_repeated(one, monkeypatch):
    (row,) = verdicts(one.results)
    sizes = tuple(replace(size, outcome=row.outcome) for size in row.sizes)
    monkeypatch.setattr("aeaug.published.answer.verdicts", lambda results: [replace(row, sizes=sizes)])
    (line,) = (line for line in answer({"ledger": one}).splitlines() if re_line(line))
    for size in row.sizes:
        assert f"<br>{size.group.size}: {amount(size.measured.mean, row.claim.quantity)} (" in line


def test_of_one_size_its_images_stand_beside_the_pairs(one, monkeypatch):
    (row,) = verdicts(one.results)
    (first, _) = row.sizes
    itself = frechet_distances(row)[first.group.size]
    monkeypatch.setattr("aeaug.published.answer.verdicts", lambda results: [replace(row, sizes=(first,))])
    (line,) = (line for line in answer({"ledger": one}).splitlines() if re_line(line))
    least = f"{100 * row.claim.smallest_effect:g}% matters"
    assert f" pairs, {first.group.size} images; {least}<br>FD {itself}" in line


def test_rows_that_a_correction_over_all_would_leave_open_are_named(one):
    """One claim is corrected over nothing else; of eight pairs that all agree the smallest p-value is 2 / 256, and
    seven claims, but not six, would leave it open."""
    (row,) = verdicts(one.results)
    for count, named in ((1, False), (6, False), (7, True)):
        said = _all_at_once([(one, row)] * count)
        assert ("no other row would be inconclusive" in said) != named
        assert all(str(number) in said for number in range(1, count + 1)) or not named


@pytest.mark.parametrize(
    ("finding", "said"),
    [("harms early, helps late", True), ("helps early, harms late", True), ("helps", False), ("", False)],
)
def test_a_row_says_that_an_effect_had_the_other_sign_before(one, monkeypatch, finding, said):
    (row,) = verdicts(one.results)
    sizes = tuple(replace(size, finding=finding) for size in row.sizes)
    monkeypatch.setattr("aeaug.published.answer.verdicts", lambda results: [replace(row, sizes=sizes)])
    (line,) = (line for line in answer({"ledger": one}).splitlines() if re_line(line))
    assert (f"; {finding}<br>" in line) == said


def test_a_rows_number_leads_to_its_claim_and_commands_are_those_of_its_experiment(one):
    """The second claim of the second experiment is row 3 or 4, and claim 2 on its page."""
    own = replace(one.recipe, name="more", begins_with=("ledger",))
    said = answer({"ledger": one, "more": Experiment(own, one.results)})
    places = re.findall(r"^\| \[(\d+)\]\((docs/results/\w+\.md#claim-\d+)\)", said, re.MULTILINE)
    assert places == [("1", "docs/results/mine.md#claim-1"), ("2", "docs/results/more.md#claim-1")]
    page = experiment_page(one)
    assert page.count("### Claim ") == len(verdicts(one.results)) == 1
    assert "- the smallest effect that matters: " in page


@pytest.mark.parametrize("apart", [False, True])
def test_the_answer_tells_where_another_space_or_reading_has_the_other_sign(one, apart, monkeypatch):
    """On average, or where sizes disagree, at which of them."""
    (row,) = verdicts(one.results)
    assert all(len(mark.sizes) == len(row.sizes) == 2 for mark in row.marks), "they disagree"

    def turned(mark, agrees):
        (first, one), (last, other) = mark.sizes
        sizes = ((first, replace(one, agrees=agrees)), (last, other))
        return replace(mark, agrees=agrees, sizes=sizes * apart)

    marks = [turned(mark, mark.name.startswith("best")) for mark in row.marks]
    against = [mark for mark in marks if not mark.agrees]
    assert 0 < len(against) < len(marks)
    monkeypatch.setattr("aeaug.published.answer.verdicts", lambda results: [replace(row, marks=tuple(marks))])
    (line,) = (line for line in answer({"ledger": one}).splitlines() if re_line(line))
    assert ("<br>✗ other sign at 100 images: " if apart else "<br>✗ other sign: ") in line
    assert line.count("✗") == len(against)
    for mark in against:
        ends = [f"{group.size}: {effect(one.paired, row.claim)}" for group, one in mark.sizes]
        assert f"{mark.name}, {'; '.join(ends) if apart else effect(mark.paired, row.claim)}" in line


def test_while_sizes_are_waited_for_those_that_are_there_are_told(recipe, mine, tmp_path, monkeypatch):
    """A claim about 100 and 500 images, of which there are those of 500."""
    shutil.copytree(mine, tmp_path / "runs")
    for folder in (tmp_path / "runs").glob("mine/*,data.n_train=100"):
        shutil.rmtree(folder)
    monkeypatch.setattr(experiment_module, "announced", lambda sweeps: [])
    half = Experiment(recipe, results_of(experiment_rows(tmp_path / "runs", ["mine"])))
    (row,) = verdicts(half.results)
    assert (row.ends, len(row.beneath)) == (None, 1)
    (line,) = (line for line in answer({"ledger": half}).splitlines() if re_line(line))
    assert "| **interim: inconclusive" in line
    assert f"| 500 images: {evidence_text(row.sizes[0])} |" in line
    assert f"- 500 images: {evidence_text(row.sizes[0])}" in experiment_page(half)


def test_a_page_says_why_a_claim_is_open_and_one_without_pairs_is_not_run(one, monkeypatch):
    (row,) = verdicts(one.results)
    open_one = replace(row, outcome="inconclusive", reason="neither is shown")
    bare = replace(row, ends=None, sizes=(), reason="no runs of append_noise")
    monkeypatch.setattr("aeaug.published.answer.verdicts", lambda results: [row, open_one, bare])
    decided, undecided, waiting = (line for line in answer({"ledger": one}).splitlines() if re_line(line))
    assert "neither is shown" not in decided + undecided, "it is one of many things that its page says"
    assert "| **not run yet** | no pairs |" in waiting
    monkeypatch.setattr("aeaug.published.page.verdicts", lambda results: [row, open_one, bare])
    assert experiment_page(one).count("`append_gaussian` against `none`, claimed to be lower: neither is shown.") == 1
    assert (heading(row), heading(bare)) == (row.heading, "not run yet")


def test_verdicts_of_experiments_that_begin_with_the_main_one_follow_its_own(one):
    own = replace(one.recipe, name="more", begins_with=("ledger",))
    more, other = Experiment(own, one.results), Experiment(replace(own, begins_with=()), one.results)
    waiting = Experiment(replace(own, name="later"), None)
    said = answer({"ledger": one, "more": more, "other": other, "later": waiting})
    lines = [line for line in said.splitlines() if re_line(line)]
    assert [line[: line.index("]")] for line in lines] == ["| [1", "| [2"]
    assert "-m experiment=mine " in lines[0]
    assert "-m experiment=more " in lines[1]
    assert "Not run yet: `later`." in " ".join(said.split())


def test_a_verdict_is_interim_while_what_a_claim_compares_is_waited_for_and_no_longer(one, monkeypatch):
    """Four runs of an arm that no claim is about are not run: that makes none interim."""
    assert sum(one.waiting.values()) == 4
    assert not re.search(r"interim:|Verdicts are interim", answer({"ledger": one}))
    (row,) = verdicts(one.results)
    monkeypatch.setattr("aeaug.published.answer.verdicts", lambda results: [replace(row, interim=True)])
    said = " ".join(answer({"ledger": one}).split())
    assert (
        "Verdicts are interim until the runs that the claims of their experiment compare have come to their end."
        in said
    )


def re_line(line):
    return re.match(r"\| \[\d+\]\(docs/results/\w+\.md#claim-\d+\) \|", line) is not None


def test_every_arm_is_sorted_by_numbers_and_read_as_words(results):
    table = arms_table(results)
    assert table.sortable
    fd = table.columns.index("FD ↓")
    arms = [(one, arm) for one in results.groups for arm in one.arms]
    for (group, arm), row in zip(arms, table.rows, strict=True):
        assert row.cells[0] == arm.name
        assert len(row.cells) == len(row.places) == len(table.columns)
        assert row.places[1] == group.n_train
        assert row.places[fd] == pytest.approx(np.median(arm.values(METRICS["frechet_distance"])))
        assert (row.cells[table.columns.index("FD, paired change")] == "control") == (arm.name == "none")
