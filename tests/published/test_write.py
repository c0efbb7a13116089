"""What is published is what the tables say today: every page, the README's answer, and the figure."""

import re
import runpy
from pathlib import Path

import pytest

from aeaug.faults import Fault
from aeaug.published.answer import BEGIN, END, FIGURE, MAIN, answer, with_answer
from aeaug.published.figure import drawn, drawn_in
from aeaug.published.page import experiment_page
from aeaug.published.recommendation import recommendations
from aeaug.published.write import RECOMMENDED, RESULTS, collected, committed, pages, publish
from tests.conftest import REPOSITORY
from tests.published.conftest import announced_run
from tests.report.conftest import run_directory


def test_pages_and_tables_agree(published):
    every = pages(REPOSITORY, published)
    for path, text in every.items():
        there = REPOSITORY / path
        assert there.is_file(), f"{path} is missing: run make results"
        assert there.read_text() == text, f"{path} is not what the tables say: run make results"
    made = {path.name for path in every}
    pages_there = {path.name for path in (REPOSITORY / RESULTS).glob("*.md")} - {"prototype.md"}
    assert pages_there <= made, "a page without a table"


def test_what_is_recommended_is_what_the_table_says(published):
    said = recommendations(published[MAIN].results)
    assert (REPOSITORY / RECOMMENDED).read_text() == said, "run make results"


def test_the_figure_shows_what_the_table_says(published):
    main, file = published.get(MAIN), REPOSITORY / FIGURE
    if main is None or main.results is None:
        assert not file.exists(), "a figure without a table"
        return
    assert file.is_file(), "run make results"
    shown, said = drawn_in(file.read_bytes()), drawn(main.results)
    assert shown.keys() == said.keys()
    for part in said:
        assert flat(shown[part]) == pytest.approx(flat(said[part]), abs=2e-5), "run make results"


def flat(tree):
    """The numbers of a tree by their places in it."""
    if not isinstance(tree, dict | list):
        return {"": tree}
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return {f"{key}/{place}": value for key, one in entries for place, value in flat(one).items()}


def test_nothing_that_was_announced_is_counted_twice_or_lost(published):
    for one in published.values():
        finished = sum(run.state in ("done", "diverged") for run in one.runs)
        assert one.waiting.total() >= one.announced.total() - finished
        for place, count in one.waiting.items():
            assert count <= one.announced[place]
        if one.results is None:
            assert one.waiting == one.announced


def test_words_are_the_readmes_own_outside_its_block(published):
    readme = "before\n" + BEGIN + "\nwhat stood here\n" + END + "\nafter\n"
    written = with_answer(readme, published)
    assert written.startswith(f"before\n{BEGIN}\n")
    assert written.endswith(f"{END}\nafter\n")
    assert "what stood here" not in written
    assert with_answer(written, published) == written
    with pytest.raises(Fault, match="there are no lines"):
        with_answer("nothing", published)


def test_no_line_promises_what_there_is_not(published):
    """Before there is a table of the main experiment, its place is kept by one line, and the demo's result stands."""
    without = {name: one for name, one in published.items() if name != MAIN}
    said = answer(without)
    assert f"`experiment={MAIN}`, has no results yet" in said
    assert FIGURE not in said
    assert "is **supported at this budget**, FD −16.8% [−25.0%, −10.5%], 6 pairs" in said.replace("\n", " ")
    for target in re.findall(r"\]\(([^)#]+)", said):
        assert (REPOSITORY / target).exists(), target


def test_runs_of_this_machine_enter_their_tables(repository, tmp_path):
    (repository / RESULTS / "baseline_mlp.parquet").unlink()
    announced_run(tmp_path / "outputs" / "runs", "baseline_mlp")
    said = publish(repository, tmp_path / "outputs")
    assert any(line.startswith("docs/results/baseline_mlp.parquet: ") for line in said)
    page = (repository / RESULTS / "baseline_mlp.md").read_text()
    assert "1 of 1 run is done" in page
    assert "otherwise than announced" not in page
    assert publish(repository, tmp_path / "outputs") == []


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "seed=3: not among the runs that its file announces"),
        ({"data": {"n_train": 500}}, "500 images, .*not among the runs that its file announces"),
        ({"budget": {"images": 5120}}, r"budget\.images=5120, 1280000 in its file"),
        ({"gan": {"r1_gamma": 7.0}}, r"gan\.r1_gamma=7(\.0)?, .* in its file"),
    ],
)
def test_runs_that_the_file_does_not_announce_are_refused(repository, tmp_path, changes, words):
    (repository / RESULTS / "baseline_mlp.parquet").unlink()
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    folder = announced_run(tmp_path / "outputs" / "runs", "baseline_mlp", **changes)
    if not changes:
        folder.rename(folder.with_name("seed=3"))
    with pytest.raises(Fault, match=rf"^baseline_mlp: .*{words}.*conf/experiment/baseline_mlp\.yaml"):
        publish(repository, tmp_path / "outputs")
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


def test_what_a_table_has_otherwise_than_its_file_says_stands_on_its_page(published):
    """The runs of bf16 drew its floors twice, which its file does not say."""
    page = experiment_page(published["bf16"])
    assert "- otherwise than announced: evaluation.floor_draws=2, 20 in its file (40 runs)" in page
    assert "otherwise than announced" not in experiment_page(published["demo"])


def test_a_refusal_writes_nothing(repository, tmp_path):
    (repository / RESULTS / "baseline_mlp.parquet").unlink()
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    run_directory(tmp_path / "outputs" / "runs", name="demo", n_train=100, seed=0, samples=False)
    announced_run(tmp_path / "outputs" / "runs", "baseline_mlp")
    with pytest.raises(Fault, match=r"^demo: none, 100 images, subset=0, seed=0: "):
        publish(repository, tmp_path / "outputs")
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before
    assert collected(committed(repository), tmp_path / "outputs" / "runs", ["baseline_mlp"]).keys() >= {"demo"}


@pytest.mark.long
def test_one_that_is_asked_for_and_has_no_runs_here_is_refused(repository, tmp_path):
    with pytest.raises(Fault, match=r"^demo: no runs in .*nowhere"):
        publish(repository, tmp_path / "nowhere", ["demo"])
    assert publish(repository, tmp_path / "nowhere") == []  # pages alone may be made of the tables


def test_an_experiment_that_is_none_is_refused(repository, tmp_path):
    with pytest.raises(Fault, match=r"^nonsense: no experiment that is published"):
        publish(repository, tmp_path, ["nonsense"])
    (repository / RESULTS / "nonsense.parquet").write_bytes(b"")
    with pytest.raises(Fault, match=r"nonsense\.parquet: no conf/experiment/nonsense\.yaml"):
        publish(repository, tmp_path)


def test_outputs_that_are_misspelt_are_refused(tmp_path, monkeypatch, capsys):
    """Of a folder without runs it would be said that nothing has changed."""
    main = runpy.run_path(str(REPOSITORY / "scripts" / "results.py"))["main"]
    asked = []
    monkeypatch.setitem(main.__globals__, "publish", lambda repository, outputs, only: asked.append(outputs) or [])
    monkeypatch.setattr("sys.argv", ["results.py", "--outputs", str(tmp_path)])
    with pytest.raises(SystemExit):
        main()
    assert f"--outputs: {tmp_path}: there are no runs in it" in capsys.readouterr().err
    (tmp_path / "runs").mkdir()
    main()
    monkeypatch.setattr("sys.argv", ["results.py"])
    main()
    assert asked == [tmp_path, Path("outputs")]
