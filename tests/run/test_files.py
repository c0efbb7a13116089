"""Whatever stands in a run's files, reading them says it in one line, which names the file and a way out."""

import json
import os
import shutil
from itertools import pairwise

import pytest

from aeaug.faults import Fault
from aeaug.run.files import files_of, read_config, read_history, read_metrics, read_status
from aeaug.run.summary import summary
from aeaug.run.table.rows import rows
from aeaug.sweep.bar import SweepBar
from tests.report.conftest import run_directory

READERS = {
    "config.yaml": read_config,
    "status.json": read_status,
    "metrics.json": read_metrics,
    "history.jsonl": read_history,
}
WAYS_OUT = {
    "config.yaml": "delete the folder {folder} to run it again",
    "history.jsonl": "delete the folder {folder} to run it again",
    "claims.jsonl": "delete the folder {folder} to run it again",
    "status.json": "command, which rebuilds it, or delete the folder {folder} to run it again",
    "metrics.json": "delete it and repeat the run's command, which measures again",
}
DEEP = 10_000_000
NO_JSON = ["", "{", "[]", "3", "null", "NaN", '"words"', "\x00", "[" * DEEP, '{"a":' * 100_000, "9" * 5_000]
BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in pairwise("abcdefghijkl"))
MERGED = "a: &a {x: 1}\nb: {<<: *a}"
CONTENTS = {
    "status.json": [
        *NO_JSON,
        "{}",
        '{"state": "asleep"}',
        '{"state": ["done"]}',
        '{"state": "done", "images": -1}',
        '{"state": "done", "images": 1.5}',
        '{"state": "done", "images": 1e999}',
        '{"state": "done", "images": true}',
        '{"state": "running", "budget": 0}',
        '{"state": "done", "asked": [0]}',
        '{"state": "done", "asked": 400}',
        '{"state": "done", "extended": [400]}',
        '{"state": "done", "extended": [{"at": null}]}',
        '{"state": "done", "extended": [{"images": 400, "at": 1}]}',
        '{"state": "done", "seconds": {"gan": "1"}}',
        '{"state": "done", "seconds": {"gan": NaN}}',
        '{"state": "done", "seconds": [1]}',
        '{"state": "done", "code": [1]}',
        '{"state": "done", "versions": []}',
        '{"state": "done", "autoencoder": "../../../elsewhere"}',
        '{"state": "done", "autoencoder": "0123456789abcde/"}',
        '{"state": "done", "traceback": 1}',
        '{"state": "running", "host": 1}',
        '{"state": "running", "pid": 0}',
        '{"state": "running", "pid": "1"}',
        '{"state": "running", "updated": 1}',
    ],
    "metrics.json": [
        *NO_JSON,
        '{"readings": 1}',
        '{"readings": {"end": {}}}',
        '{"readings": {"middle": {"spaces": {}}}}',
        '{"readings": {"end": {"spaces": {"classifier": {"class_histogram": 1}}}}}',
        '{"readings": {"best": {"spaces": {}, "of": 0}}}',
        '{"work": {"shown": 1}}',
        '{"feature_nets": {"classifier": 1}}',
        '{"floors": {"real": 1}}',
        '{"floors": {"real": {"spaces": {}, "draws": 0}}}',
        '{"budget": {}}',
        '{"budget": {"images": 0, "images_per_epoch": 1}}',
        '{"autoencoder": {"key": ".."}}',
        '{"autoencoder": {"quality": {"gammas": "x"}}}',
        '{"leak": {"share_real": {}}}',
        '{"data": "mnist"}',
        '{"parameters": {"generator": "many"}}',
    ],
    "history.jsonl": [f"{text}\n" for text in NO_JSON if text] + [
        '{"epoch": 1}\n',
        '{"images": -1}\n',
        '{"images": "1"}\n',
        '{"images": 1, "discriminator": 3}\n',
        '{"images": 1, "discriminator": {"r_t": "x"}}\n',
    ],
    "config.yaml": [
        "",
        "- 1",
        "words",
        "a: [1",
        "a: 1\n---\nb: 2",
        "[" * DEEP,
        "? " * 500_000,
        BOMB,
        MERGED,
        "a: &a [*a]",
        "a: !!python/object/apply:os.mkdir [executed]",
        "a: 2020-01-01",
        f"a: {'9' * 30}",
        "data: mnist",
        "data: {n_train: many}",
        "data: {n_train: -1}",
        "gan: []",
        "variant: [a]",
        "1: 2\n\x00",
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return run_directory(tmp_path / "runs")


def assert_one_line(words, path):
    assert str(path) in words
    assert "\n" not in words
    assert words.endswith(WAYS_OUT[path.name].format(folder=path.parent))
    assert len(words) < 700


@pytest.mark.parametrize("name", CONTENTS)
def test_damage_of_any_kind_is_one_line_with_a_way_out(folder, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for content in CONTENTS[name]:
        (folder / name).write_text(content)
        for read in (READERS[name], files_of, rows):
            with pytest.raises(Fault) as caught:
                read(folder)
            assert_one_line(str(caught.value), folder / name)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("name", [*READERS, "claims.jsonl"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "nowhere", "circle", "no text", "far too large"])
def test_what_is_no_file_of_a_run_is_named(folder, name, kind):
    path = folder / name
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind in ("nowhere", "circle"):
        path.symlink_to(path if kind == "circle" else folder / "nothing")
    elif kind == "no text":
        path.write_bytes(b"\xff\xfe\n")
    elif name.endswith(".jsonl"):
        return  # a curve has no largest size
    else:
        with path.open("wb") as file:
            file.truncate(2**40)  # takes no room
    with pytest.raises(Fault) as caught:
        rows(folder)
    assert_one_line(str(caught.value), path)


@pytest.mark.parametrize("name", READERS)
def test_a_missing_file_is_empty(folder, name):
    (folder / name).unlink(missing_ok=True)
    assert not READERS[name](folder)
    files_of(folder)


def test_what_an_earlier_version_did_not_record_is_there_and_empty(folder):
    (folder / "status.json").write_text('{"state": "done", "of another version": [1]}')
    status = read_status(folder)
    assert (status["images"], status["seconds"], status["started"]) == (0, {}, None)
    assert (status["host"], status["pid"], status["updated"]) == (None, None, None)
    assert status["of another version"] == [1]
    assert summary(folder).startswith("done: FD 40.0")
    (folder / "metrics.json").write_text("{}")
    assert summary(folder).startswith("done: not measured on the test split, 0 s")


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "1",
        "[" * 100_000,
        '{"stated": 1, "images": 0, "claim": {}}',
        '{"stated": null, "images": -1, "claim": {}}',
        '{"stated": null, "images": 0, "claim": []}',
        '{"stated": null, "images": 0, "claim": {}, "more": 1}',
    ],
)
def test_a_line_that_states_no_claim_is_named(folder, line):
    (folder / "claims.jsonl").write_text(f"{line}\n")
    with pytest.raises(Fault, match=r"claims\.jsonl is not readable \(line 1: no statement") as caught:
        rows(folder)
    assert_one_line(str(caught.value), folder / "claims.jsonl")


def test_a_claim_that_has_no_words_today_is_named_with_a_way_out(folder):
    stated = {"stated": None, "images": 0, "claim": {"statement": "x", "metric": "gone"}}
    (folder / "claims.jsonl").write_text(f"{json.dumps(stated)}\n")
    with pytest.raises(Fault) as caught:
        rows(folder)
    words = str(caught.value)
    assert words.startswith(f"{folder / 'claims.jsonl'}: claims.0")
    assert words.endswith("report with the version that ran it, or move the run's folder away")
    assert "\n" not in words


def test_a_bar_goes_on_whatever_it_reads(folder, capsys):
    other = shutil.copytree(folder, folder.with_name("seed=1"))
    for content in CONTENTS["status.json"]:
        (folder / "status.json").write_text(content)
        bar = SweepBar("sweep", [folder, other, folder.with_name("seed=2")])
        bar.close()
        assert bar.outcome().startswith("1 done of 3")
    assert "Traceback" not in capsys.readouterr().err
