"""How far runs are, read off planted folders in every state, and off real runs that are stopped and killed."""

import fcntl
import io
import json
import os
import platform
import re
import shutil
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from filelock import FileLock

from aeaug.run import files
from aeaug.run.folder import liveness
from aeaug.run.folder.folder import RunFolder
from aeaug.sweep.planned import PLAN
from aeaug.sweep.status import show
from aeaug.sweep.status.options import StatusOptions
from aeaug.sweep.status.states import STATES, experiment_states
from aeaug.sweep.status.table import counted, seconds_left, status_table
from tests.conftest import options, tiny
from tests.processes import Process
from tests.terminal import content, typed

listed = pytest.mark.skipif(not liveness.LOCKS.exists(), reason="the kernel lists no locks")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Config and status as a run writes them."""
    folder = RunFolder(options(tmp_path_factory.mktemp("written"), "arm=none"))
    folder.open()
    folder.status.update(state="interrupted")
    folder.close()
    return yaml.safe_load(folder.path.joinpath("config.yaml").read_text()), files.read_status(folder.path)


@pytest.fixture
def plant(written, tmp_path):
    """Write the folder of a run; what is given changes its status, or with ``n_train`` its config."""

    def make(name, experiment="mine", n_train=100, config=(), **status):
        folder = tmp_path / "runs" / experiment / name
        folder.mkdir(parents=True)
        of_run, said = written
        of_run = {**of_run, **dict(config), "data": {**of_run["data"], "n_train": n_train}}
        (folder / "config.yaml").write_text(json.dumps(of_run))
        (folder / "status.json").write_text(json.dumps({**said, **status}))
        (folder / ".lock").touch()
        if status.get("state") in ("done", "diverged"):
            (folder / "metrics.json").write_text("{}")
        return folder

    return make


@pytest.fixture
def every_state(plant, tmp_path):
    """One run in each state, and a second that is done."""
    plant("none/seed=0", state="done")
    plant("none/seed=10", state="done")
    running = plant("none/seed=2", state="running", host=platform.node(), pid=os.getpid(), images=100, budget=400)
    plant("none/seed=3", state="interrupted")
    plant("all,data.n_train=50/seed=0", n_train=50, state="failed", traceback="Traceback\n  in f\nValueError: bad\n")
    plant("all,data.n_train=50/seed=1", n_train=50, state="diverged")
    gone = plant("all,data.n_train=50/seed=2", n_train=50, state="running", host="elsewhere", pid=7)
    os.utime(gone / "status.json", (1e9, 1e9))
    plant("all,data.n_train=50/seed=3", n_train=50, state="pruned")
    plant("old/seed=0", n_train=None, state="done", versions={"torch": "1.13.1"})
    (plant("torn/seed=0") / "status.json").write_text("{")
    plan = {"none/seed=0": {"n_train": 100}, "none/seed=4": {"n_train": 100}, "more/seed=0": {"n_train": None}}
    (tmp_path / "runs" / "mine" / PLAN).write_text(json.dumps({"runs": plan}))
    with FileLock(running / ".lock"):
        yield tmp_path


def states_of(outputs, experiment="mine"):
    return {run.name: run.state for run in experiment_states(outputs / "runs" / experiment, time.time()).runs}


@listed
def test_every_state_is_told(every_state):
    assert states_of(every_state) == {
        "none/seed=0": "done",
        "none/seed=10": "done",
        "none/seed=2": "running",
        "none/seed=3": "interrupted",
        "none/seed=4": "waiting",
        "more/seed=0": "waiting",
        "all,data.n_train=50/seed=0": "failed",
        "all,data.n_train=50/seed=1": "diverged",
        "all,data.n_train=50/seed=2": "gone",
        "all,data.n_train=50/seed=3": "pruned",
        "old/seed=0": "stale",
        "torn/seed=0": "damaged",
    }
    assert set(states_of(every_state).values()) == set(STATES)


@listed
def test_the_table_counts_them_by_arm_and_size_and_says_what_is_at_work_and_what_is_wrong(every_state):
    ended = typed("status", "experiment=mine", f"outputs={every_state}")
    assert (ended.status, ended.said) == (0, "")
    lines = ended.printed.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0] == "mine: 12 runs"
    assert lines[2].split() == ["arm", "size", *STATES]
    rows = [line.split() for line in lines[4 : lines.index(lines[1], 4)]]
    cells = {(arm, size): dict(zip(STATES, counts, strict=True)) for arm, size, *counts in rows}
    assert [arm for arm, *_ in rows] == ["none", "all", "more", "old", "torn"]
    assert {size for _, size, *_ in rows} == {"100", "50", "all"}
    one = {place: {state: count for state, count in row.items() if count != "·"} for place, row in cells.items()}
    assert one["none", "100"] == {"done": "2", "running": "1", "waiting": "1", "interrupted": "1"}
    assert one["all", "50"] == {"gone": "1", "failed": "1", "diverged": "1", "pruned": "1"}
    assert one["more", "all"] == {"waiting": "1"}
    assert one["old", "all"] == {"stale": "1"}
    total = dict(zip(STATES, lines[lines.index(lines[1], 4) + 1].split(), strict=True))
    assert total == dict.fromkeys(STATES, "1") | {"done": "2", "waiting": "2"}
    text = ended.printed
    assert re.search(rf"^none/seed=2 +25% +starting +{re.escape(platform.node())}$", text, re.MULTILINE)
    assert "gone: all,data.n_train=50/seed=2 on elsewhere, last heard of 2001-09-09 01:46 UTC\n" in text
    assert "failed: all,data.n_train=50/seed=0: ValueError: bad\n" in text
    assert "stale: 1 of old: made with torch 1.13.1, here is " in text
    assert "damaged: torn/seed=0: status.json is not readable (" in text


def test_the_seconds_left_are_those_of_its_own_speed():
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    spent = {"gan": 60.0, "augmentation": 30.0, "evaluation": 10.0, "autoencoder": 1e6, "shared": 1e6}
    status = {"images": 200, "budget": 1000, "seconds": spent, "updated": now.isoformat()}
    assert seconds_left(status, now.timestamp()) == pytest.approx(400)
    assert seconds_left(status, now.timestamp() + 150) == pytest.approx(250)  # it went on meanwhile
    assert seconds_left(status, now.timestamp() + 1e6) == 0
    assert seconds_left({**status, "updated": None}, now.timestamp()) == pytest.approx(400)
    assert seconds_left({**status, "updated": "noon"}, now.timestamp()) == pytest.approx(400)
    late = {**status, "updated": (now + timedelta(hours=1)).isoformat()}  # another host's clock
    assert seconds_left(late, now.timestamp()) == pytest.approx(400)
    assert seconds_left({**status, "images": 1000}, now.timestamp()) == 0
    for nothing in ({"images": 0}, {"seconds": {}}, {"seconds": {"autoencoder": 5.0}}, {"budget": None}):
        assert seconds_left(status | nothing, now.timestamp()) is None


def test_a_run_that_has_shown_all_of_its_images_is_being_measured(plant, tmp_path):
    plant("none/seed=0", state="running", host="elsewhere", pid=1, images=400, budget=400, seconds={"gan": 4.0})
    plant("none/seed=1", state="running", host="elsewhere", pid=1, images=100, budget=400, seconds={"gan": 4e6})
    printed = typed("status", f"outputs={tmp_path}").printed
    assert re.search(r"^none/seed=0 +100% +measuring +elsewhere$", printed, re.MULTILINE)
    assert re.search(r"^none/seed=1 +25% +1[12],\d{3},\d{3} s +elsewhere$", printed, re.MULTILINE)


def test_what_lost_its_numbers_or_its_status_is_interrupted_and_what_never_began_is_not_there(plant, tmp_path):
    (plant("none/seed=0", state="done") / "metrics.json").unlink()
    (plant("none/seed=1") / "status.json").unlink()
    folder = plant("none/seed=2")
    (folder / "status.json").unlink()
    (folder / "config.yaml").unlink()
    (tmp_path / "runs" / "mine" / "none" / "notes").mkdir()
    assert states_of(tmp_path) == {"none/seed=0": "interrupted", "none/seed=1": "interrupted"}


def test_a_run_of_another_program_is_stale_unless_it_is_at_work_or_came_to_nothing(plant, tmp_path):
    for place, state in enumerate(("done", "interrupted", "diverged", "failed", "running")):
        plant(f"none/seed={place}", state=state, host="elsewhere", pid=1, config={"spice": 1})
    now = states_of(tmp_path)
    assert list(now.values()) == ["stale", "stale", "stale", "failed", "running"]
    printed = typed("status", f"outputs={tmp_path}").printed
    assert "stale: 3 of none: config.yaml has spice, which is no option today\n" in printed


def test_runs_of_one_arm_by_two_programs_are_told_apart(plant, tmp_path):
    plant("none/seed=0", state="done", code=[{"commit": "a", "dirty": False}], config={"spice": 1})
    plant("none/seed=1", state="done", code=[{"commit": "a", "dirty": False}, {"commit": "b", "dirty": False}])
    assert states_of(tmp_path) == {"none/seed=0": "stale", "none/seed=1": "done"}


def test_a_run_of_an_earlier_version_is_read(plant, tmp_path):
    folder = plant("none/seed=0")
    (folder / "status.json").write_text('{"state": "running", "images": 7}')
    assert states_of(tmp_path) == {"none/seed=0": "running"}  # it was written a moment ago
    os.utime(folder / "status.json", (1e9, 1e9))
    assert states_of(tmp_path) == {"none/seed=0": "gone"}
    for path in (folder / "config.yaml", folder / ".lock"):
        path.unlink()
    assert states_of(tmp_path) == {"none/seed=0": "gone"}
    assert " ?     1\n" in typed("status", f"outputs={tmp_path}").printed  # nothing says its size


def test_a_config_that_cannot_be_read_is_named(plant, tmp_path):
    (plant("none/seed=0", state="done") / "config.yaml").write_text("[")
    plant("none/seed=1", state="done")
    assert states_of(tmp_path) == {"none/seed=0": "damaged", "none/seed=1": "done"}
    (tmp_path / "runs" / "mine" / PLAN).write_text("[")
    printed = typed("status", f"outputs={tmp_path}").printed
    assert "damaged: none/seed=0: config.yaml is not readable (" in printed
    assert f"\n{PLAN} is not readable (" in printed


@listed
def test_a_run_that_ended_while_it_was_looked_at_is_what_it_ended_as(plant, tmp_path, monkeypatch):
    """Its status is read, it says that it is done and lets go, then the locks are read."""
    folder = plant("none/seed=0", state="running", host=platform.node(), pid=2**22 + 1)
    locks = liveness.held_locks()

    def ending():
        folder.joinpath("status.json").write_text(json.dumps({"state": "done"}))
        folder.joinpath("metrics.json").write_text("{}")
        return locks

    monkeypatch.setattr("aeaug.sweep.status.states.held_locks", ending)
    assert states_of(tmp_path) == {"none/seed=0": "done"}


@listed
def test_a_run_that_another_process_went_on_with_while_it_was_looked_at_is_running(plant, tmp_path, monkeypatch):
    folder = plant("none/seed=0", state="running", host=platform.node(), pid=2**22 + 1)
    monkeypatch.setattr(
        "aeaug.sweep.status.states.held_locks",
        lambda: folder.joinpath("status.json").write_text(json.dumps({"state": "running", "pid": os.getpid()})) and (),
    )
    assert states_of(tmp_path) == {"none/seed=0": "running"}


def test_names_of_any_kind_fit_into_the_width_and_move_no_cursor(plant, tmp_path):
    long = "a" * 150 + ",data.n_train=5000"
    for place, state in enumerate(("done", "failed", "interrupted", "diverged", "running", "done")):
        more = {"host": "h" * 300, "pid": 1} if state == "running" else {}
        folder = plant(f"{long}/seed={place}", n_train=5000, state=state, traceback="E: \x1b[31m" + "x" * 400, **more)
    (folder / "status.json").write_text("{")
    os.utime(plant("b\x1b[2J\n/seed=1", state="running", host="h\x07", pid=1) / "status.json", (1, 1))
    plan = {f"{long}/seed={999}": {"n_train": 5000}, "\x1b[H" * 90: {"n_train": None}}
    (tmp_path / "runs" / "mine" / PLAN).write_text(json.dumps({"runs": plan}))
    printed = typed("status", f"outputs={tmp_path}").printed
    assert max(map(len, printed.splitlines())) <= 100
    assert not re.search(r"[^\n -~─·…]", printed)
    assert "failed: " in printed


def test_all_experiments_or_those_that_are_named(plant, tmp_path):
    plant("none/seed=0", "first", state="done")
    plant("none/seed=0", "second", state="done")
    plant("none/seed=0", "a,b", state="done")
    (tmp_path / "runs" / "empty").mkdir()
    (tmp_path / "runs" / "planned").mkdir()
    (tmp_path / "runs" / "planned" / PLAN).write_text('{"runs": {"none/seed=0": {"n_train": 5}}}')

    def shown(*words):
        return re.findall(r"^(\S+): 1 run$", typed("status", *words, f"outputs={tmp_path}").printed, re.MULTILINE)

    assert shown() == ["a,b", "first", "planned", "second"]
    assert shown("experiment=second,first") == ["second", "first"]
    assert shown("experiment=a,b") == ["a,b"]
    ended = typed("status", "experiment=nope", f"outputs={tmp_path}")
    assert ended.lines == [
        f"error: experiment=nope: no runs of it in {tmp_path}/runs; experiments there: a,b, first, planned, second"
    ]


# --- In no run's way --------------------------------------------------------------------------------------------------


def test_nothing_is_written_and_no_lock_is_tried(every_state, monkeypatch):
    def moments():
        return {path: path.stat().st_mtime_ns for path in every_state.rglob("*")}

    monkeypatch.setattr(fcntl, "flock", lambda *_: pytest.fail("a lock was tried"))
    monkeypatch.setattr(fcntl, "lockf", lambda *_: pytest.fail("a lock was tried"))
    before = content(every_state), moments()
    assert typed("status", f"outputs={every_state}").status == 0
    assert (content(every_state), moments()) == before
    monkeypatch.undo()


def test_a_run_starts_however_often_it_is_looked_at(plant, tmp_path):
    folder = plant("none/seed=0", state="running", host=platform.node(), pid=os.getpid())
    states_of(tmp_path)  # here, so that the child reads no option files
    looking = os.fork()
    if looking == 0:
        try:
            while True:
                states_of(tmp_path)
        finally:
            os._exit(1)
    try:
        for _ in range(3000):
            with FileLock(folder / ".lock", timeout=0):
                pass
        assert os.waitpid(looking, os.WNOHANG) == (0, 0)  # it looks still
    finally:
        os.kill(looking, signal.SIGKILL)
        os.waitpid(looking, 0)


def test_a_thousand_runs_take_a_read_each_and_one_config_an_arm(plant, tmp_path, monkeypatch):
    """Two seconds on a slow machine: what costs is reading, and of configs parsing."""
    first = plant("arm0/seed=0", state="done")
    for arm in range(10):
        for seed in range(100):
            folder = first.parents[1] / f"arm{arm}" / f"seed={seed}"
            if folder != first:
                folder.mkdir(parents=True)
                for file in first.iterdir():
                    os.link(file, folder / file.name)
    reads = []
    read = files._text
    monkeypatch.setattr(files, "_text", lambda path: (reads.append(path.name), read(path))[1])
    began = time.process_time()
    found = experiment_states(tmp_path / "runs" / "mine", time.time())
    text = status_table([found], time.time())
    assert time.process_time() - began < 10
    assert len(found.runs) == 1000
    assert text.count("  100  ") >= 10
    assert reads.count("status.json") == 1000
    assert reads.count("config.yaml") == 10
    assert len(reads) == 1010


# --- Watched ----------------------------------------------------------------------------------------------------------


def test_it_is_looked_again_until_ctrl_c(plant, tmp_path, monkeypatch):
    folder = plant("none/seed=0", state="interrupted")
    waited = []

    def wait(seconds):
        waited.append(seconds)
        if len(waited) == 2:
            raise KeyboardInterrupt
        shutil.rmtree(folder)
        plant("none/seed=0", state="done")

    monkeypatch.setattr(show.time, "sleep", wait)
    ended = typed("status", "--watch", f"outputs={tmp_path}")
    assert (ended.status, ended.said) == (0, "")
    assert waited == [2.0, 2.0]
    assert re.findall(r"^arm +size +(\w+)$", ended.printed, re.MULTILINE) == ["interrupted", "done"]


def test_what_is_watched_on_a_terminal_is_drawn_over_and_no_longer_than_it(plant, tmp_path, monkeypatch):
    for arm in range(20):
        plant(f"arm{arm}/seed=0", state="done")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(show.time, "sleep", interrupt)
    for rows, cut in ((10, True), (60, False)):
        monkeypatch.setenv("LINES", str(rows))
        monkeypatch.setattr("sys.stdout", Terminal())
        show.show(StatusOptions(experiment=None, watch=True, outputs=str(tmp_path)))
        drawn = sys.stdout.getvalue()
        assert drawn.startswith("\x1b[Hmine: 20 runs\x1b[K\n")
        assert drawn.endswith("\x1b[K\n\x1b[J")
        assert drawn.count("\n") <= rows - 1
        assert ("lines more" in drawn, "until Ctrl-C" in drawn) == (cut, not cut)


@pytest.mark.long
def test_ctrl_c_ends_the_real_command_with_status_0_and_so_does_a_reader_that_leaves(plant, tmp_path):
    plant("none/seed=0", state="done")
    for leaves in (False, True):
        reader, writer = os.pipe()
        process = Process("scripts/status.py", "--watch", f"outputs={tmp_path}", stdout=writer)
        os.close(writer)
        try:
            assert os.read(reader, 10).startswith(b"mine")
            if not leaves:
                process.send_signal(signal.SIGINT)
                process.wait(60)
            os.close(reader)
            (said,) = process.communicate(60)
        finally:
            process.kill()
        assert (process.returncode, said) == (0, "")


# --- A real run -------------------------------------------------------------------------------------------------------


@listed
def test_a_run_that_is_killed_is_gone_and_one_that_is_stopped_is_interrupted(tmp_path):
    command = tiny("arm=none", "evaluation.test=false", "budget.images=400000000", "name=mine", "variant=v")
    folder = tmp_path / "runs" / "mine" / "v" / "seed=0"

    def trains(process):
        said = files.read_status(folder)
        return said.get("pid") == process.pid and said["images"]

    def start(*more):
        process = Process("scripts/train.py", *command, f"outputs={tmp_path}", *more)
        give_up = time.monotonic() + 240
        while not trains(process):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < give_up
            time.sleep(0.02)
        return process

    process = start()
    try:
        printed = typed("status", f"outputs={tmp_path}").printed
        assert states_of(tmp_path) == {"v/seed=0": "running"}
        assert re.search(rf"^v/seed=0 +0% +[\d,]+ s +{re.escape(platform.node())}$", printed, re.MULTILINE)
    finally:
        process.kill()
        process.wait(60)
    assert files.read_status(folder)["state"] == "running"
    assert states_of(tmp_path) == {"v/seed=0": "gone"}
    process = start()
    try:
        assert states_of(tmp_path) == {"v/seed=0": "running"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    finally:
        process.kill()
    assert states_of(tmp_path) == {"v/seed=0": "interrupted"}


def test_what_all_arms_have_stands_once_above_them():
    rows = [
        ("append_gaussian,data=mnist_5k,gan.r1_gamma=10,perturbation.gamma=2", 100, "done"),
        ("append_gaussian,data=mnist_5k,gan.r1_gamma=10", 100, "missing"),
        ("none,data=mnist_5k,gan.r1_gamma=10", 500, "done"),
    ]
    title, _, head, _, *lines = counted("plan of it", rows, ["done", "missing"])
    assert title == "plan of it: 3 runs, all with data=mnist_5k gan.r1_gamma=10"
    assert head.split() == ["arm", "size", "done", "missing"]
    assert [line.split()[0] for line in lines[:3]] == [
        "append_gaussian",
        "append_gaussian,perturbation.gamma=2",
        "none",
    ]
    alone, *_, line = counted("plan of it", rows[:1] * 2, ["done"])
    assert alone == "plan of it: 2 runs"
    assert line.split()[0].startswith("append_gaussian,")
    same = ["none,data=mnist_5k", "append_gaussian,data=fashion_mnist"]
    assert next(counted("it", [(one, 100, "done") for one in same], ["done"])) == "it: 2 runs"
