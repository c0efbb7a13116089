"""Whether a run's process is there, told from files alone."""

import os
import platform
import subprocess
import threading
import time

import pytest
from filelock import FileLock

from aeaug.run.files import read_status
from aeaug.run.folder import liveness
from aeaug.run.folder.folder import RunFolder
from aeaug.run.folder.liveness import LATE, Heartbeat, at_work, at_work_unlocked, held_locks, last_heard
from aeaug.run.folder.lock import Busy
from tests.conftest import options

HERE, OLD, NOW = platform.node(), 1_000_000.0, 2_000_000_000.0
listed = pytest.mark.skipif(not liveness.LOCKS.exists(), reason="the kernel lists no locks")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "status.json").write_text("{}")
    (tmp_path / ".lock").touch()
    return tmp_path


@pytest.fixture
def ended():
    """The id of a process that is not there any more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def heard(folder, ago):
    os.utime(folder / "status.json", (NOW - ago, NOW - ago))


def says(host=HERE, pid=None):
    return {"host": host, "pid": os.getpid() if pid is None else pid}


@listed
def test_who_holds_the_lock_is_at_work_however_long_it_has_said_nothing(folder, ended):
    heard(folder, 1e6)
    with FileLock(folder / ".lock"):
        locks = held_locks()
        assert ((folder / ".lock").stat().st_ino, os.getpid()) in locks
        assert at_work(folder, says(), locks, NOW)
        assert at_work(folder, {"host": None, "pid": None}, locks, NOW)  # of an earlier version
        assert not at_work(folder, says(pid=ended), locks, NOW)  # another process's, which may be looking
        assert not at_work(folder, says("elsewhere"), locks, NOW)
    assert not at_work(folder, says(), held_locks(), NOW)


@pytest.mark.parametrize("host", ["elsewhere", None])
def test_another_host_can_only_be_heard(folder, ended, host):
    for ago, there in ((0, True), (LATE - 1, True), (LATE + 1, False), (-3600, True)):
        heard(folder, ago)
        assert at_work(folder, says(host, ended), (), NOW) is there
    (folder / "status.json").unlink()
    assert not at_work(folder, says(host, ended), (), NOW)


@pytest.mark.skipif(not liveness.PROCESSES.joinpath("self").exists(), reason="processes are found in /proc")
def test_a_process_of_this_host_that_ended_is_not_there_however_lately_it_was_heard(folder, ended):
    heard(folder, 0)
    assert not at_work(folder, says(pid=ended), (), NOW)
    assert at_work(folder, says(), (), NOW)  # on a file system whose locks are not listed by its numbers
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)  # nobody has asked yet how it ended
    assert not at_work(folder, says(pid=zombie.pid), (), NOW)
    zombie.wait()


def test_where_nothing_lists_locks_or_processes_a_run_is_there_while_it_is_heard(folder, ended, tmp_path, monkeypatch):
    monkeypatch.setattr(liveness, "LOCKS", tmp_path / "nowhere")
    monkeypatch.setattr(liveness, "PROCESSES", tmp_path / "nowhere")
    for ago, there in ((0, True), (LATE + 1, False)):
        heard(folder, ago)
        assert at_work(folder, says(pid=ended), held_locks(), NOW) is there


def test_a_heart_beats_until_it_is_stopped(folder, monkeypatch):
    beaten = threading.Event()
    touch = os.utime
    monkeypatch.setattr(liveness, "BEAT", 0.001)
    monkeypatch.setattr(liveness.os, "utime", lambda *file: (touch(*file), beaten.set()))
    touch(folder / "status.json", (OLD, OLD))
    heart = Heartbeat(folder / "status.json")
    assert beaten.wait(60)
    assert last_heard(folder) > OLD
    (folder / "status.json").unlink()  # as by a disk that has gone: it beats on, and says nothing
    heart.stop()
    [thread.join(60) for thread in threading.enumerate() if thread.name == "heartbeat"]
    assert not [thread for thread in threading.enumerate() if thread.name == "heartbeat" and thread.is_alive()]


def test_a_run_is_heard_while_its_folder_is_open_whatever_stage_it_is_in(tmp_path, monkeypatch):
    beaten = threading.Event()
    monkeypatch.setattr(liveness, "BEAT", 0.001)
    monkeypatch.setattr(liveness.os, "utime", lambda file: beaten.set() if file.name == "status.json" else None)
    run = RunFolder(options(tmp_path, "arm=none"))
    before = time.time()
    run.open()
    status = read_status(run.path)
    assert (status["host"], status["pid"]) == (HERE, os.getpid())
    assert at_work(run.path, status, held_locks(), before)
    assert beaten.wait(60)
    run.status.update(state="interrupted")
    run.close()
    assert run._heartbeat._stopped.is_set()


@pytest.mark.parametrize(
    ("host", "state", "ago"),
    [("elsewhere", "running", LATE + 60), (HERE, "running", 0), (None, "running", 0), ("elsewhere", "interrupted", 0)],
)
def test_whose_lock_is_free_and_who_cannot_be_elsewhere_is_not_waited_for(folder, host, state, ago, monkeypatch):
    monkeypatch.setattr(liveness.time, "sleep", lambda _: pytest.fail("it waited"))
    os.utime(folder / "status.json", (time.time() - ago,) * 2)
    assert at_work_unlocked(folder, {"host": host, "state": state}) is None


def test_who_is_elsewhere_and_touches_its_status_is_at_work_though_its_lock_is_free_here(folder, monkeypatch):
    monkeypatch.setattr(liveness, "BEAT", 0.2)
    says = {"host": "elsewhere", "state": "running"}
    assert at_work_unlocked(folder, says) is None  # it died lately
    monkeypatch.setattr(liveness, "BEAT", 60.0)
    monkeypatch.setattr(liveness.time, "sleep", lambda _: os.utime(folder / "status.json", (NOW, NOW)))
    assert at_work_unlocked(folder, says) == "elsewhere"


def test_a_run_that_another_host_is_at_work_on_without_a_lock_is_refused_and_left_as_it_is(tmp_path, monkeypatch):
    first = RunFolder(options(tmp_path, "arm=none"))
    monkeypatch.setattr("aeaug.run.folder.status.platform.node", lambda: "elsewhere")
    first.open()
    monkeypatch.undo()
    first._lock.release()  # as it looks from here
    before = (first.path / "status.json").read_bytes()
    monkeypatch.setattr(liveness.time, "sleep", lambda _: os.utime(first.path / "status.json", (NOW, NOW)))
    second = RunFolder(options(tmp_path, "arm=none"))
    with pytest.raises(Busy, match=f"{first.path}: .* on elsewhere, and its lock is free: "):
        second.open()
    assert (first.path / "status.json").read_bytes() == before
    with FileLock(first.path / ".lock", timeout=0):  # nor has who was refused kept it
        pass
    first._lock.acquire()
    first.close()
