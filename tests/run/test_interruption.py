import json
import os
import platform
import signal

import pytest
from filelock import FileLock, Timeout

from aeaug.run import interruption
from aeaug.run.folder.folder import RunFolder
from aeaug.run.folder.status import RunStatus
from aeaug.run.interruption import mark_interrupted, stoppable
from aeaug.run.pipeline import Run
from tests.conftest import options


def test_a_run_that_nobody_works_on_is_interrupted_and_every_other_is_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(interruption, "WAIT", 0.0)
    for state, marked in (("running", True), ("done", False), ("failed", False)):
        folder = tmp_path / state
        folder.mkdir()
        (folder / "status.json").write_text(json.dumps({"state": state, "images": 7}))
        with FileLock(folder / ".lock"):  # somebody is at work
            assert not mark_interrupted(folder)
        assert mark_interrupted(folder) is marked
        found = json.loads((folder / "status.json").read_text())
        assert (found["state"], found["images"]) == ("interrupted" if marked else state, 7)


def test_a_run_of_another_machine_is_left_as_it_says(tmp_path):
    """There are disks whose locks hold on one machine alone: to this one, that run's is free."""
    for host, marked in (("elsewhere", False), (platform.node(), True), (None, True)):
        folder = tmp_path / str(host)
        folder.mkdir()
        (folder / "status.json").write_text(json.dumps({"state": "running", "host": host}))
        assert mark_interrupted(folder) is marked
        assert json.loads((folder / "status.json").read_text())["state"] == ("interrupted" if marked else "running")


def test_every_run_of_a_sweep_is_marked(tmp_path):
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
        (folder / "status.json").write_text(json.dumps({"state": "running"}))
    assert mark_interrupted(*folders)
    assert {json.loads((folder / "status.json").read_text())["state"] for folder in folders} == {"interrupted"}


def test_only_what_says_running_is_waited_for_and_all_together_no_longer_than_one(tmp_path, monkeypatch):
    waits, clock = [], iter([0.0, 0.0, 7.0, 15.0])

    class Held(FileLock):
        def acquire(self, timeout):
            waits.append(timeout)
            raise Timeout(self.lock_file)

    for name, state in (("a", "running"), ("b", "running"), ("c", "running"), ("d", "done")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status.json").write_text(json.dumps({"state": state}))
    monkeypatch.setattr(interruption, "lock_file", Held)
    monkeypatch.setattr(interruption.time, "monotonic", lambda: next(clock))
    assert not mark_interrupted(*(tmp_path / name for name in "abcd"))
    assert waits == [interruption.WAIT, interruption.WAIT - 7, 0]


def test_a_run_that_never_began_gets_no_folder(tmp_path):
    assert not mark_interrupted(tmp_path / "none" / "seed=0")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("of", "moment"), [(RunStatus, "update"), (RunFolder, "options")])
def test_a_run_that_is_stopped_as_it_begins_is_interrupted_and_free(number, of, moment, tmp_path, monkeypatch):
    """Its status says running before its training begins; the signal comes within the opening, or right after it."""
    run, before = Run(options(tmp_path, "arm=none")), signal.getsignal(number)
    original = getattr(of, moment)

    def stopped(self, **changes):
        found = original(self, **changes)
        if run.folder.status.ours and (moment == "update" or run.folder.status.file.exists()):
            monkeypatch.undo()
            os.kill(os.getpid(), number)
        return found

    monkeypatch.setattr(of, moment, stopped)
    with pytest.raises(SystemExit) as caught:
        run.run()
    assert caught.value.code == 128 + number
    assert run.folder.state() == "interrupted"
    with FileLock(run.folder.path / ".lock", timeout=0):
        pass
    assert signal.getsignal(number) is before


@pytest.mark.parametrize(("executor", "stops"), [("slurm", False), ("local", True), (None, True)])
def test_in_a_job_of_slurms_sigterm_stays_with_who_brings_it_back(executor, stops, monkeypatch):
    monkeypatch.delenv("SUBMITIT_EXECUTOR", raising=False)
    if executor:
        monkeypatch.setenv("SUBMITIT_EXECUTOR", executor)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with stoppable() as stop:
        assert signal.getsignal(signal.SIGINT) is stop
        assert signal.getsignal(signal.SIGTERM) is (stop if stops else before[signal.SIGTERM])
    assert before == {number: signal.getsignal(number) for number in before}
