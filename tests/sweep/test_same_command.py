"""The same command again: what it says it will do, and does."""

import errno
import json
import math
import os
import signal
import threading

import pytest
from filelock import FileLock

from aeaug.gan import GANModule
from aeaug.run.folder.folder import RunFolder
from aeaug.run.folder.lock import locked
from aeaug.run.folders import run_path
from aeaug.run.identity.sources import sources
from aeaug.sweep.ending import SWEEP
from aeaug.sweep.job import unstopped
from aeaug.sweep.plan.standing import STANDINGS, Standing, plan_text, seconds_left, standings
from aeaug.training.watched import WATCHING
from tests.conftest import options, tiny
from tests.terminal import content, typed

UNTESTED = "evaluation.test=false"

pytestmark = pytest.mark.usefixtures("stocked")


@pytest.fixture
def sweep(tmp_path):
    """Type a sweep over these seeds into tmp_path."""

    def ended(*more, seeds="0,1,2"):
        given = [*tiny("arm=none", UNTESTED), "name=mine", "variant=v", f"seed={seeds}", f"outputs={tmp_path}"]
        return typed("train", "-m", *given, *more)

    return ended


@pytest.fixture
def failing(monkeypatch):
    """Have the run of seed 1 fail after its first epoch."""
    healthy = GANModule.mean_losses

    def losses(module):
        return 1 / 0 if module.hparams["seed"] == 1 and module.images_seen >= 400 else healthy(module)

    monkeypatch.setattr(GANModule, "mean_losses", losses)
    return monkeypatch


def state(tmp_path, seed):
    file = tmp_path / "runs" / "mine" / "v" / f"seed={seed}" / "status.json"
    return json.loads(file.read_text())["state"] if file.exists() else None


def row(printed, arm="v"):
    """Of a plan, how many runs of the arm are in which state."""
    lines = [line.split("  ") for line in printed.splitlines()]
    head, own = (
        [cell.strip() for cell in line if cell.strip()]
        for line in next((lines[i], one) for i in range(len(lines)) for one in lines[i:] if _heads(lines[i], one, arm))
    )
    return {key: int(value) for key, value in zip(head[2:], own[2:], strict=True) if value != "·"}


def _heads(head, one, arm):
    return head[0].strip() == "arm" and one[0].strip() == arm


def test_one_run_that_fails_stops_no_other_and_goes_on_with_the_same_command(sweep, failing, tmp_path):
    first = sweep()
    assert first.status == 1
    assert [state(tmp_path, seed) for seed in range(3)] == ["done", "failed", "done"]
    assert first.lines[-1] == "v/seed=1 failed: ZeroDivisionError: division by zero"
    assert "2 done, 1 failed of 3" in first.said
    assert "Traceback" not in first.said
    assert row(first.printed) == {"missing": 3}

    failing.undo()
    before = content(tmp_path / "runs" / "mine" / "v" / "seed=0")
    again = sweep()
    assert (again.status, row(again.printed)) == (0, {"done": 2, "failed": 1})
    assert [state(tmp_path, seed) for seed in range(3)] == ["done"] * 3
    assert content(tmp_path / "runs" / "mine" / "v" / "seed=0") == before
    history = (tmp_path / "runs" / "mine" / "v" / "seed=1" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["images"] for line in history] == [200, 400]
    assert "nothing is to be done" in sweep("--dry-run").printed


def test_fail_fast_ends_the_sweep_at_the_first_that_fails(sweep, failing, tmp_path):
    ended = sweep("fail_fast=true")
    assert ended.status == 1
    assert [state(tmp_path, seed) for seed in range(3)] == ["done", "failed", None]
    assert "1 done, 1 failed of 3" in ended.lines[-1]
    assert ended.lines[-1].endswith("the same command goes on")


def left():
    bars = {thread for thread in threading.enumerate() if thread.name == WATCHING}
    return bars, signal.getsignal(signal.SIGTERM), os.environ.get(SWEEP)


@pytest.mark.cases(1)
@pytest.mark.parametrize("fast", [False, True])
def test_a_sweep_leaves_the_process_as_it_was_however_it_ends(sweep, failing, fast):
    """No bar goes on reading, no handler is left, and nobody else is taken for a worker of it."""
    before = left()
    assert sweep(*["fail_fast=true"] * fast).status == 1
    assert left() == before
    assert before[2] is None


def test_a_second_ctrl_c_ends_a_sweep_that_is_being_stopped(sweep, monkeypatch):
    def again(*anything):
        raise KeyboardInterrupt

    monkeypatch.setattr("aeaug.sweep.job.unstopped", again)
    monkeypatch.setattr("aeaug.sweep.callback.mark_interrupted", again)
    before = left()
    ended = sweep(seeds="0")
    assert (ended.status, ended.lines[-1]) == (130, "interrupted")
    assert "Traceback" not in ended.said
    assert left() == before


@pytest.mark.long
def test_a_run_that_the_sweep_did_not_bring_to_its_end_is_said_and_the_command_fails(sweep, monkeypatch, tmp_path):
    """A cluster starts a run again that it takes for lost, whose process lives on: the second one leaves it."""
    other = []

    def begun_elsewhere(run):
        if run.options.seed == 1:
            other.append(RunFolder(run.options))
            other[0].open()
        return unstopped(run)

    try:
        with monkeypatch.context() as patch:
            patch.setattr("aeaug.sweep.job.unstopped", begun_elsewhere)
            ended = sweep(seeds="0,1")
        assert [state(tmp_path, seed) for seed in (0, 1)] == ["done", "running"]
        again = sweep(seeds="0,1")
    finally:
        other[0].close()
    assert ended.status == 1
    assert ended.lines[-1].startswith("v/seed=1 left running: ")
    assert "the same command goes on" in ended.lines[-1]
    assert "1 done, 1 running of 2" in ended.said
    assert (again.status, row(again.printed)) == (0, {"done": 1, "at work": 1})  # it was not this command's to do
    assert sweep(seeds="0,1").status == 0
    assert state(tmp_path, 1) == "done"


@pytest.mark.parametrize("fast", [False, True])
def test_a_run_that_cannot_begin_has_failed_and_says_why(sweep, monkeypatch, tmp_path, fast):
    healthy = RunFolder.options

    def of(folder):
        if folder.path.name == "seed=1" and not folder._lock:
            raise ValueError("data.root=nowhere: there is no such thing")
        return healthy(folder)

    monkeypatch.setattr(RunFolder, "options", of)
    monkeypatch.setattr(RunFolder, "check", lambda folder, writable=None: None)
    ended = sweep(*["fail_fast=true"] * fast, seeds="1,2")
    assert ended.status == 1
    assert "data.root=nowhere: there is no such thing" in ended.lines[-3 if fast else -1]  # before its last state
    assert [state(tmp_path, seed) for seed in (1, 2)] == ([None, None] if fast else ["failed", "done"])


def test_why_a_run_could_not_be_opened_is_said_for_nothing_in_its_folder_says_it(sweep, monkeypatch, tmp_path):
    opened = RunFolder.open

    def full(folder):
        if folder.path.name == "seed=1":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder.path / "config.yaml"))
        opened(folder)

    monkeypatch.setattr(RunFolder, "open", full)
    ended = sweep(seeds="0,1")
    assert (ended.status, state(tmp_path, 0), state(tmp_path, 1)) == (1, "done", None)
    (line,) = (line for line in ended.lines + ended.printed.splitlines() if "free some space" in line)
    assert f"{tmp_path / 'runs' / 'mine' / 'v' / 'seed=1'} failed: " in line


def test_a_stale_run_is_kept_and_named_and_moved_aside_when_asked(sweep, tmp_path):
    assert sweep(seeds="0").status == 0
    folder = tmp_path / "runs" / "mine" / "v" / "seed=0"
    before = content(folder)
    other = ("gan.r1_gamma=2.5",)
    kept = sweep(*other, seeds="0,1")
    assert (kept.status, row(kept.printed)) == (0, {"stale": 1, "missing": 1})
    assert "stale: 1 of v: gan.r1_gamma: 1.0 there, 2.5 here" in kept.printed
    assert "they are kept; stale=redo moves them aside" in kept.printed
    assert "1 done, 1 stale of 2;" in kept.said or "1 stale, 1 done of 2;" in kept.said
    assert content(folder) == before

    redone = sweep(*other, "stale=redo", seeds="0,1")
    assert (redone.status, row(redone.printed)) == (0, {"stale": 1, "done": 1})
    (aside,) = folder.parent.glob("seed=0.stale-*")
    assert content(aside) == before
    assert content(folder).keys() >= {"metrics.json", "status.json"}
    assert row(sweep(*other, "--dry-run", seeds="0,1").printed) == {"done": 2}
    # What was moved aside is no run any more: neither of the report nor of the status.
    assert "2 runs" in typed("status", f"outputs={tmp_path}").printed


def test_a_single_run_in_the_place_of_another_is_refused_with_both_ways_out(tmp_path):
    given = [*tiny("arm=none", UNTESTED), "name=mine", "variant=v", f"outputs={tmp_path}"]
    assert typed("train", *given).status == 0
    refused = typed("train", *given, "gan.r1_gamma=2.5")
    assert refused.status == 1
    (line,) = refused.lines
    assert "gan.r1_gamma: 1.0 there, 2.5 here" in line
    assert "stale=redo moves it aside" in line
    assert "another variant=… keeps both" in line
    assert typed("train", *given, "gan.r1_gamma=2.5", "stale=redo").status == 0
    assert len(list((tmp_path / "runs" / "mine" / "v").glob("seed=0*"))) == 2


def test_a_run_by_other_software_is_stale_whatever_its_config_says(tmp_path):
    given = [*tiny("arm=none", UNTESTED), "name=mine", "variant=v", f"outputs={tmp_path}"]
    assert typed("train", *given).status == 0
    file = tmp_path / "runs" / "mine" / "v" / "seed=0" / "status.json"
    status = json.loads(file.read_text())
    status["versions"]["torch"] = "1.13.1"
    file.write_text(json.dumps(status))
    assert "made with torch 1.13.1, here is" in typed("train", *given).said
    assert row(typed("train", *given, "--dry-run").printed) == {"stale": 1}


def test_a_finished_run_by_other_code_is_stale_and_an_unfinished_one_goes_on(sweep, failing, tmp_path):
    """What failed is mended in the code; what is done would stand for what the code says today."""

    def as_by_other_code():
        for seed in (0, 1):
            file = tmp_path / "runs" / "mine" / "v" / f"seed={seed}" / "status.json"
            status = json.loads(file.read_text())
            assert status["sources"] == [sources()]
            file.write_text(json.dumps({**status, "sources": [{**sources(), "files": "0" * 16, "meaning": "1" * 16}]}))

    assert sweep(seeds="0,1").status == 1
    as_by_other_code()
    failing.undo()
    folder = tmp_path / "runs" / "mine" / "v" / "seed=0"
    before = content(folder)
    assert row(sweep("--dry-run", "stale=redo", seeds="0,1").printed) == {"stale": 2}
    kept = sweep(seeds="0,1")
    assert (kept.status, row(kept.printed)) == (0, {"stale": 1, "failed": 1})
    assert "stale: 1 of v: made by other code than is here" in kept.printed
    assert "1 of those that go on, v among them, will be stale: begun by other code than is here" in kept.printed
    assert content(folder) == before
    assert state(tmp_path, 1) == "done"
    assert "other code" in typed("status", f"outputs={tmp_path}").printed

    longer = sweep("budget.extend=800", "--dry-run", seeds="0")
    assert row(longer.printed) == {"stale": 1}

    alone = typed("train", *tiny("arm=none", UNTESTED), "name=mine", "variant=v", f"outputs={tmp_path}")
    assert alone.status == 0
    assert "was made by other code than is here: stale=redo moves it aside" in alone.printed
    assert content(folder) == before

    redone = sweep("stale=redo", seeds="0,1")
    assert (redone.status, row(redone.printed)) == (0, {"stale": 2})  # the one that went on is of both
    (aside,) = folder.parent.glob("seed=0.stale-*")
    assert content(aside) == before
    done = sweep("--dry-run", seeds="0,1")
    assert row(done.printed) == {"done": 2}
    assert "will be stale" not in done.printed


def test_a_run_that_is_looked_at_for_a_moment_is_not_taken_for_another_ones(tmp_path):
    """As who plans a sweep looks at the lock of each of its runs."""
    folder = tmp_path / "seed=0"
    folder.mkdir()
    looking = FileLock(folder / ".lock", thread_local=False)
    looking.acquire()
    timer = threading.Timer(0.2, looking.release)
    timer.start()
    lock = locked(folder, dict)
    timer.join()
    assert lock.is_locked
    lock.release()


def test_a_run_at_which_another_process_is_at_work_is_left_to_it(sweep, tmp_path):
    folder = tmp_path / "runs" / "mine" / "v" / "seed=1"
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"):
        ended = sweep(seeds="0,1")
    assert row(ended.printed) == {"missing": 1, "at work": 1}
    assert state(tmp_path, 0) == "done"
    assert state(tmp_path, 1) is None


@pytest.mark.cases(2)
@pytest.mark.parametrize("flags", [["-m", "seed=0,1"], ["-m", "seed=0,1", "--dry-run"], ["--dry-run"]])
@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (["evaluation.spaces=[random,'torch_fidelity:nope']"], "error: evaluation.spaces=torch_fidelity:nope: torch-"),
        (
            ["data=stacked_mnist_5k", "data.n_train=1000", "evaluation.spaces=[label_free]"],
            "error: evaluation.spaces: label_free is trained on images that no subset has, at least 500; ",
        ),
    ],
)
def test_feature_spaces_that_cannot_be_had_are_refused_before_any_run(tmp_path, flags, asked, line):
    given = [*tiny("arm=none"), *asked, f"outputs={tmp_path}", "name=mine"]
    merged = {one.partition("=")[0]: one for one in given}
    ended = typed("train", *merged.values(), *flags)
    assert (ended.status, len(ended.lines)) == (1, 1)
    assert ended.lines[0].startswith(line)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("flags", [["-m"], []])
def test_a_dry_run_writes_nothing(tmp_path, flags):
    given = [*tiny("arm=none", UNTESTED), "name=mine", "variant=v", f"outputs={tmp_path}"]
    ended = typed("train", *flags, *given, *["seed=0,1"] * len(flags), "--dry-run")
    assert ended.status == 0, ended.said
    assert row(ended.printed) == {"missing": 1 + len(flags)}
    assert {path.split("/")[0] for path in content(tmp_path)} <= {"artifacts"}


def planned(tmp_path, state, *, variant="v", seed=0, images=0, seconds=0.0):
    chosen = options(tmp_path, "arm=none", f"variant={variant}", f"seed={seed}")  # of 400 images
    return Standing(run_path(chosen), chosen, state, {"images": images, "seconds": {"gan": seconds}})


def test_the_time_is_that_of_the_same_arm_else_of_the_same_size(tmp_path):
    done = planned(tmp_path, "done", images=400, seconds=40.0)
    slow = planned(tmp_path, "done", variant="w", images=400, seconds=400.0)
    half = planned(tmp_path, "goes on", seed=1, images=200, seconds=99.0)
    whole = planned(tmp_path, "missing", variant="w", seed=1)
    new = planned(tmp_path, "missing", variant="x")
    assert seconds_left([done, half], 1) == pytest.approx(20)
    assert seconds_left([done, slow, half, whole], 1) == pytest.approx(20 + 400)
    assert seconds_left([done, slow, half, whole], 2) == pytest.approx((20 + 400) / 2)
    assert seconds_left([done, slow, half, whole], 9) == pytest.approx((20 + 400) / 2)  # no more at once than there are
    assert seconds_left([done, slow, new], 1) == pytest.approx((40 + 400) / 2)
    assert seconds_left([new], 1) is None
    assert seconds_left([done], 1) == 0
    assert "1 run to do, about 20 s, 1 at a time, by the 1 that are done" in plan_text("mine", [done, half], {})
    ray = {"_target_": "hydra_plugins.hydra_ray_launcher.ray_launcher.RayLauncher"}
    said = "about 60 s, 1 at a time (Ray has as many as there is room for), by the 1"
    assert said in plan_text("mine", [done, half, new], ray)
    assert "3 at a time" in plan_text("mine", [done, half, whole, new], {"n_jobs": 3})


def test_where_none_is_done_the_time_is_that_of_what_was_begun(tmp_path):
    half = planned(tmp_path, "goes on", images=200, seconds=99.0)
    new = planned(tmp_path, "missing", seed=1)
    other = planned(tmp_path, "stale", variant="w", images=400, seconds=4000.0)
    assert seconds_left([half, new, other], 1) == pytest.approx(99 + 198)
    assert "2 runs to do, about 5 min, 1 at a time, by the 1 that were begun" in plan_text("mine", [half, new], {})


def test_what_is_extended_takes_the_time_of_what_is_still_to_be_shown(tmp_path):
    def plan(*more):
        jobs = [options(tmp_path, "arm=none", "variant=it", UNTESTED, f"seed={seed}", *more) for seed in (0, 1)]
        return standings({run_path(job): job for job in jobs})

    short = options(tmp_path, "arm=none", "variant=it", UNTESTED, "seed=0")
    folder = RunFolder(short)
    folder.open()
    folder.write_metrics({})
    folder.status.update(state="done", images=400, seconds={"gan": 40.0})
    folder.close()
    asked = plan("budget.extend=600")
    assert [(one.state, one.images_left) for one in asked] == [("goes on", 200), ("missing", 600)]
    assert seconds_left(asked, 1) == pytest.approx(20 + 60)
    assert "by the 1 that are done" in plan_text("it", asked, {})
    assert [(one.state, one.images_left) for one in plan()] == [("done", 0), ("missing", 400)]
    extended = RunFolder(options(tmp_path, "arm=none", "variant=it", UNTESTED, "seed=0", "budget.extend=600"))
    extended.open()
    extended.close()
    assert [(one.state, one.images_left) for one in plan()] == [("goes on", 200), ("missing", 400)]


def test_the_plan_says_which_seeds_and_which_weight_of_r1(tmp_path):
    def one(n_train, seed, gamma, arm="none"):
        more = [f"arm={arm}", f"variant={arm}", f"data.n_train={n_train}", f"seed={seed}", f"gan.r1_gamma={gamma}"]
        chosen = options(tmp_path, *more)
        return Standing(run_path(chosen), chosen, "missing", {})

    seeds = [one(100, seed, 30) for seed in (0, 1, 2, 5, 7, 8)]
    assert "\nseeds 0 to 2, 5, 7 to 8; gan.r1_gamma 30\n" in plan_text("mine", seeds, {})
    sizes = [one(500, 0, 30), one(100, 0, 30), one(2000, 0, 0.3), one(2000, 0, 10, "diffaugment")]
    said = "\nseed 0; gan.r1_gamma 30 (100, 500 images), 0.3 of none or 10 of diffaugment (2,000 images)\n"
    assert said in plan_text("mine", sizes, {})


def test_a_plan_is_headed_by_the_experiments_of_its_jobs(sweep):
    assert sweep("name=theirs,mine", "--dry-run", seeds="0").printed.startswith("plan of theirs, mine: 2 runs\n")


def test_every_state_has_its_column(tmp_path):
    plan = [planned(tmp_path, state, seed=seed) for seed, state in enumerate(STANDINGS)]
    assert row(plan_text("mine", plan, {})) == dict.fromkeys(STANDINGS, 1)


def test_a_folder_that_cannot_be_read_is_refused_before_anything_starts(sweep, tmp_path):
    sweep(seeds="0")
    (tmp_path / "runs" / "mine" / "v" / "seed=0" / "config.yaml").write_text("{\n")
    ended = sweep()
    assert ended.status == 1
    assert "config.yaml is not readable" in ended.said
    assert [state(tmp_path, seed) for seed in (1, 2)] == [None, None]


def test_a_diverged_run_is_a_result_and_left_alone(tmp_path):
    chosen = options(tmp_path, "arm=none")
    folder = RunFolder(chosen)
    folder.open()
    folder.write_metrics({})
    folder.status.update(state="diverged")
    folder.close()
    (one,) = standings({run_path(chosen): chosen})
    assert (one.state, one.starts, one.images_left) == ("diverged", False, 0)
    assert math.isfinite(seconds_left([one], 1))


def test_data_that_are_missing_are_said_once_and_leave_nothing_behind(tmp_path):
    given = [*tiny("arm=none", UNTESTED), "data=mnist", f"data.root={tmp_path / 'nowhere.txt'}", f"outputs={tmp_path}"]
    (tmp_path / "nowhere.txt").write_text("no folder")
    before = content(tmp_path)
    ended = typed("train", "-m", *given, "seed=0,1,2", "name=mine", "variant=v")
    assert ended.status == 1
    (line,) = ended.lines
    assert "nowhere.txt" in line
    assert content(tmp_path) == before


def test_nothing_is_built_for_a_run_that_is_finished(sweep, monkeypatch):
    assert sweep(seeds="0,1").status == 0
    monkeypatch.setattr("aeaug.sweep.job.Run", lambda chosen: pytest.fail("built"))
    ended = sweep(seeds="0,1")
    assert (ended.status, row(ended.printed)) == (0, {"done": 2})
    assert "nothing is to be done" in ended.printed
