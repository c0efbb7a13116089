"""What a run's folder refuses, what it forgives, and what it sweeps away."""

import json
import os
import subprocess

import pytest
from filelock import FileLock

from aeaug.faults import Fault
from aeaug.run.folder.folder import RunFolder
from tests.conftest import options


@pytest.fixture
def begun(tmp_path):
    """The folder of a run that was begun, by its state."""

    def make(state="running", checkpoint=True):
        folder = RunFolder(options(tmp_path, "arm=none"))
        folder.open()
        folder.append_history({"images": 200})
        folder.status.update(state=state)
        folder.close()
        if checkpoint:
            folder.checkpoint.parent.mkdir(exist_ok=True)
            folder.checkpoint.write_text("")
        return folder

    return make


def again(tmp_path, *more):
    return RunFolder(options(tmp_path, "arm=none", *more))


@pytest.mark.parametrize("state", ["running", "failed", "interrupted"])
def test_an_unfinished_run_is_gone_on_with_unless_that_is_not_wanted(begun, tmp_path, state):
    begun(state)
    with pytest.raises(ValueError, match="holds an unfinished run: go on with resume=auto"):
        again(tmp_path, "resume=false").check()
    for more in ([], ["resume=auto"], ["resume=true"]):
        assert again(tmp_path, *more).check() is None


@pytest.mark.parametrize("name", ["config.yaml", "history.jsonl", "claims.jsonl", "status.json"])
def test_a_torn_file_is_refused_before_anything_is_written(begun, tmp_path, name):
    folder = begun()
    (folder.path / name).write_text("{\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(Fault, match=rf"{name} is not readable .*delete the folder") as caught:
        again(tmp_path, "resume=false").check()
    assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_checkpoints_of_which_nothing_says_what_they_are_of_are_not_gone_on_with(begun, tmp_path):
    folder = begun()
    (folder.path / "config.yaml").unlink()
    for resume in ("false", "auto"):
        with pytest.raises(Fault, match=r"config\.yaml is missing, .*: delete the folder"):
            again(tmp_path, f"resume={resume}").check()


def test_a_folder_where_nothing_was_done_yet_blocks_nobody(tmp_path):
    folder = again(tmp_path)
    folder.path.mkdir(parents=True)
    (folder.path / ".lock").write_text("")
    (folder.path / "claims.jsonl").write_text("")
    folder.check()
    folder.open()
    folder.close()


def test_strays_of_a_kill_are_gone_at_the_next_start(begun, tmp_path):
    folder = begun()
    strays = [folder.path / ".status.json.1.tmp", folder.checkpoint.parent / ".last.ckpt.1.tmp"]
    for stray in strays:
        stray.write_text("")
    resumed = again(tmp_path)
    with FileLock(folder.path / ".lock"), pytest.raises(Fault, match="another process is at work"):
        resumed.open()
    assert all(stray.exists() for stray in strays)  # it may be that process that writes them
    resumed.open()
    resumed.close()
    assert not any(stray.exists() for stray in strays)


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_lock_that_cannot_be_opened_is_one_line(begun, tmp_path, kind):
    folder = begun()
    (folder.path / ".lock").unlink()
    if kind == "folder":
        (folder.path / ".lock").mkdir()
    else:
        (folder.path / ".lock").symlink_to(folder.path / ".lock")
    with pytest.raises(Fault, match=r"\.lock cannot be locked \(.*\): delete it"):
        again(tmp_path).check()


def test_a_folder_that_could_not_be_opened_is_free_again(begun, tmp_path):
    folder = begun()
    (folder.path / "run.log").unlink()
    (folder.path / "run.log").mkdir()
    with pytest.raises(OSError, match="directory"):
        again(tmp_path).open()
    (folder.path / "run.log").rmdir()
    resumed = again(tmp_path)
    resumed.open()
    resumed.close()


def test_a_status_without_entries_is_gone_on_with(begun, tmp_path):
    folder = begun()
    (folder.path / "status.json").write_text('{"state": "running"}')
    resumed = again(tmp_path)
    resumed.check()
    resumed.open()
    resumed.close()
    status = json.loads((folder.path / "status.json").read_text())
    assert status["started"]
    assert status["budget"] == 400


def test_a_run_on_a_medium_that_is_read_only_is_refused(mounted):
    folder = RunFolder(options(mounted, "arm=none"))
    folder.open()
    folder.close()
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    with pytest.raises(Fault, match=r"^outputs=.* is not a writable folder \(Read-only file system\)$"):
        RunFolder(options(mounted, "arm=none")).check()


def test_a_full_disk_is_named_by_the_curve(mounted):
    folder = RunFolder(options(mounted, "arm=none"))
    folder.open()
    folder.append_history({"images": 1})
    (mounted / "filler").write_bytes(b"x" * (os.statvfs(mounted).f_bavail * os.statvfs(mounted).f_bsize))
    with pytest.raises(OSError, match="No space left") as caught:
        folder.append_history({"images": 2, "padding": "x" * 10_000})
    assert caught.value.filename == str(folder.history)
    (mounted / "filler").unlink()
    assert folder.read_history() == [{"images": 1}]
    folder.close()


ONE, TWO = ({"processor": "EPYC", "threads": threads, "versions": {"torch": "2.14.1"}} for threads in (1, 2))


@pytest.mark.parametrize("checkpoint", [True, False])
def test_a_run_remembers_under_what_all_of_it_was_trained(begun, tmp_path, checkpoint):
    """What left no checkpoint has no part in it."""
    folder = begun(checkpoint=checkpoint)
    for under in ([ONE], [ONE, TWO], [TWO, ONE]):
        folder = again(tmp_path)
        folder.open()
        for now in under:
            folder.status.trains("cpu", now)
        folder.close()
    found = json.loads((folder.path / "status.json").read_text())["circumstances"]
    assert found == ([ONE, TWO] if checkpoint else [TWO, ONE])


def test_threads_that_nobody_chose_are_kept_as_those_that_were(tmp_path):
    """PyTorch has as many as OMP_NUM_THREADS says, and the bits of what was trained depend on them."""
    folder = again(tmp_path, "trainer.threads=null")
    folder.open()
    for under in (ONE, TWO):
        folder.status.trains("cpu", under)
    folder.close()
    folder.checkpoint.parent.mkdir(exist_ok=True)
    folder.checkpoint.write_text("")
    for asked in ("null", "8"):
        assert again(tmp_path, f"trainer.threads={asked}").options().trainer.threads == 2
    folder.checkpoint.unlink()
    assert again(tmp_path, "trainer.threads=null").options().trainer.threads is None
