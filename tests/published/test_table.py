"""A committed table keeps what it has, takes what is new, refuses what contradicts it, and is the same bytes again."""

import json
import shutil

import pandas as pd
import pytest

from aeaug.faults import Fault
from aeaug.published.table import UNREAD, encoded, finished_rows, merged
from aeaug.report.page import page, render
from aeaug.report.results import results_of
from aeaug.run.table.reading import read_table
from aeaug.run.table.rows import experiment_rows
from tests.conftest import REPOSITORY
from tests.report.conftest import run_directory


def table_of(folder):
    return merged(None, finished_rows(folder / "runs" / "mine"))


def keys(table):
    return set(table[["arm", "seed"]].itertuples(index=False, name=None))


def change(run, metric, value):
    file = run / "metrics.json"
    found = json.loads(file.read_text())
    found["readings"]["end"]["spaces"]["classifier"][metric] = value
    file.write_text(json.dumps(found))


def test_runs_enter_when_they_are_done_or_diverged(write, tmp_path):
    for seed, state in enumerate(("done", "diverged", "running", "failed", "interrupted")):
        write(seed=seed, state=state)
    assert keys(table_of(tmp_path)) == {("none", 0), ("none", 1)}


def test_runs_that_are_gone_stay_and_new_ones_enter(write, tmp_path):
    for seed in range(3):
        write(seed=seed)
    first = table_of(tmp_path)
    shutil.rmtree(tmp_path / "runs" / "mine" / "none" / "seed=1")
    write(seed=3)
    second = merged(first, finished_rows(tmp_path / "runs" / "mine"))
    assert keys(second) == {("none", seed) for seed in range(4)}
    pd.testing.assert_frame_equal(second[second["seed"] < 3].reset_index(drop=True), first)


def test_the_same_runs_are_the_same_bytes_whenever_they_came(write, tmp_path):
    arms = [("none", "none"), ("append-gaussian", "append"), ("append-reconstruct", "append")]
    for variant, injection in arms:
        for seed in range(2):
            write(variant=variant, injection=injection, seed=seed)
    whole = encoded(table_of(tmp_path))
    one_by_one, file = None, tmp_path / "mine.parquet"
    for run in sorted((tmp_path / "runs" / "mine").glob("*/seed=*"), reverse=True):
        name = run.parent.name, int(run.name.removeprefix("seed="))
        new = [part for part in finished_rows(tmp_path / "runs" / "mine") if keys(part) == {name}]
        one_by_one = merged(one_by_one, iter(new))
        file.write_bytes(encoded(one_by_one))
        one_by_one = read_table(file)
    assert file.read_bytes() == whole


def test_nothing_at_all_is_no_table(tmp_path):
    assert merged(None, iter([])) is None
    assert list(finished_rows(tmp_path / "nothing")) == []


def test_the_same_numbers_are_there_already_whatever_time_they_took(write, tmp_path):
    run = write()
    table = table_of(tmp_path)
    status = json.loads((run / "status.json").read_text())
    status["seconds"] = {key: 7.0 + value for key, value in status["seconds"].items()}
    status["finished"], status["device"] = "2027-01-01T00:00:00+00:00", "another"
    (run / "status.json").write_text(json.dumps(status))
    pd.testing.assert_frame_equal(merged(table, finished_rows(tmp_path / "runs" / "mine")), table)


def test_other_numbers_are_refused_by_run_and_metric(write, tmp_path):
    run = write(seed=4)
    table = table_of(tmp_path)
    change(run, "recall", 0.123)
    run_and_metric = r"^mine: none, 500 images, subset=4, seed=4: generated recall end classifier is "
    with pytest.raises(Fault, match=run_and_metric) as said:
        merged(table, finished_rows(tmp_path / "runs" / "mine"))
    assert "\n" not in str(said.value)
    assert "0.123 in its folder" in str(said.value)


@pytest.mark.parametrize(
    ("metric", "by", "taken"),
    [("frechet_distance", 1e-6, True), ("recall", 0.01, True), ("frechet_distance", 0.01, False)],
)
def test_of_another_processor_fd_alone_is_asked_for_about(write, tmp_path, metric, by, taken):
    run = write(seed=4)
    table = table_of(tmp_path)
    metrics = json.loads((run / "metrics.json").read_text())
    change(run, metric, metrics["readings"]["end"]["spaces"]["classifier"][metric] * (1 + by))
    runs = [found.copy() for found in finished_rows(tmp_path / "runs" / "mine")]
    with pytest.raises(Fault):  # on the same one nothing may differ
        merged(table, iter(runs))
    processor = pd.DataFrame([runs[0][runs[0]["set"] == "record"].iloc[0].to_dict() | {"metric": "processor"}])
    runs[0] = pd.concat([runs[0], processor.assign(note="another")], ignore_index=True)
    if taken:
        pd.testing.assert_frame_equal(merged(table, iter(runs)), table)
    else:
        with pytest.raises(Fault, match="generated frechet_distance end classifier is "):
            merged(table, iter(runs))


def test_the_same_run_by_another_name_does_not_count_twice(write, tmp_path):
    write(variant="none", injection="none", seed=0)
    table = table_of(tmp_path)
    shutil.rmtree(tmp_path / "runs" / "mine" / "none")
    write(variant="default", injection="none", seed=0)
    with pytest.raises(
        Fault, match=r"^mine: default, subset=0, seed=0: the table has this run as none: move the run's"
    ):
        merged(table, finished_rows(tmp_path / "runs" / "mine"))


def test_another_end_is_refused_too(write, tmp_path):
    run = write()
    table = table_of(tmp_path)
    shutil.rmtree(run)
    write(state="diverged")
    with pytest.raises(Fault, match="done in the table, diverged in its folder"):
        merged(table, finished_rows(tmp_path / "runs" / "mine"))


@pytest.mark.long
def test_a_report_loses_nothing_by_what_is_left_out(sizes, tmp_path):
    """Read back, each run has its rows in their order: the page is the same to the byte."""
    whole = experiment_rows(sizes, ["sizes"])
    file = tmp_path / "sizes.parquet"
    file.write_bytes(encoded(merged(None, finished_rows(sizes / "sizes"))))
    table = read_table(file)
    assert len(table) < 0.9 * len(whole)
    assert not table["metric"].isin(UNREAD).any()
    pages = [render(page(results_of(one), tmp_path)) for one in (whole, table)]
    assert pages[0] == pages[1]


def test_a_run_takes_few_bytes(tmp_path):
    """What 480 of them make of a file that is committed again and again: 1.4 MB, where reports write 2.0."""
    for name, most in (("demo", 2_900), ("bf16", 1_900)):
        table = read_table(REPOSITORY / "docs" / "results" / f"{name}.parquet")
        runs = len(table.drop_duplicates(["arm", "subset", "seed"]))
        assert len(encoded(table)) / runs <= most


def test_sizes_of_all_images_have_their_place(write, tmp_path):
    write(n_train=None)
    run_directory(tmp_path / "runs", name="mine", n_train=500, seed=1, samples=False)
    table = table_of(tmp_path)
    assert table["n_train"].isna().any()
    assert encoded(merged(table, finished_rows(tmp_path / "runs" / "mine"))) == encoded(table)
