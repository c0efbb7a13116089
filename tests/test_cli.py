"""The commands as a user types them."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import REPOSITORY, TINY

NUMBERS = [override for override in TINY if override not in ("trainer=cpu", "trainer.progress=false")]


def call(script, *arguments, timeout=240):
    command = [sys.executable, f"scripts/{script}.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=REPOSITORY)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """The demo in miniature: its arms and its launcher, two seeds."""
    outputs = tmp_path_factory.mktemp("sweep")
    numbers = [override for override in NUMBERS if not override.startswith(("data=", "autoencoder"))]
    sizes = ["experiment=demo", "seed=0,1", "autoencoder.max_epochs=1"]
    finished = call("train", "-m", *sizes, *numbers, f"outputs={outputs}", timeout=400)
    return outputs, finished


def test_a_sweep_runs_every_arm_and_shows_one_bar(swept):
    outputs, finished = swept
    assert finished.returncode == 0, finished.stderr
    states = {
        p.parent.relative_to(outputs / "runs"): json.loads(p.read_text())["state"] for p in outputs.rglob("status.json")
    }
    arms = ("none", "append_reconstruct", "append_gaussian")
    found = {(path.parts[0], path.parts[1].partition(",")[0], path.parts[2]) for path in states}
    assert found == {("demo", arm, f"seed={seed}") for arm in arms for seed in (0, 1)}
    assert len(states) == 6
    assert set(states.values()) == {"done"}
    assert "sweep demo: 100%" in finished.stderr
    assert "6.0 of 6 runs" in finished.stderr


def test_its_report_has_every_run(swept):
    outputs, _ = swept
    finished = call("report", "experiment=demo", f"outputs={outputs}")
    assert finished.returncode == 0, finished.stderr
    assert "append_gaussian" in finished.stdout
    folder = outputs / "reports" / "demo"
    with (folder / "results.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 6
    page = (folder / "report.html").read_text()
    assert "With 100 and with 500 training images" in page  # the experiment's own question
    assert (folder / "report.md").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gan.beta1=2"], "error: gan.beta1=2: input should be less than 1"),
        (["gan.betta1=0.5"], "gan.betta1"),
        (["gan=stylegan"], "Could not find 'gan/stylegan'"),
        (["-m", "seed=0,1", "data.n_train=50,5000"], "error: data.n_train=5000: must be between 10"),
        (["-m", "seed=0,1", "trainer=ddp"], "error: trainer.devices=2: a sweep runs on one device a job"),
        (["-m", "gan.beta1=0,2"], "error: gan.beta1=2: input should be less than 1"),
        (["-m", "variant=same", "gan.beta1=0,0.5"], "error: two jobs of the sweep have the same folder"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(arguments, message, tmp_path):
    flags = [argument for argument in arguments if argument.startswith("-")]
    rest = [argument for argument in arguments if not argument.startswith("-")]
    finished = call("train", *flags, *NUMBERS, *rest, f"outputs={tmp_path / 'out'}")
    assert finished.returncode == 1
    assert message in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "out" / "runs").exists()


@pytest.mark.parametrize("flags", [[], ["-m"]])
def test_outputs_below_a_file_are_refused_in_one_line(flags, tmp_path):
    (tmp_path / "file").write_text("")
    finished = call("train", *flags, *NUMBERS, f"outputs={tmp_path / 'file' / 'below'}")
    assert finished.returncode == 1
    assert "error: outputs=" in finished.stderr
    assert "is not a writable folder" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_an_unknown_experiment_has_no_report(swept):
    outputs, _ = swept
    finished = call("report", "experiment=dmeo", f"outputs={outputs}")
    assert finished.returncode == 1
    assert "demo" in finished.stderr  # what there is
    assert "Traceback" not in finished.stderr


def test_a_terminated_sweep_takes_its_workers_with_it(tmp_path):
    """They would go on with the jobs in their queue, and nobody would know."""
    numbers = [override for override in NUMBERS if not override.startswith(("data=", "budget.images="))]
    endless = ["experiment=demo", "arm=none", "seed=0,1,2,3", "budget.images=200000000", f"outputs={tmp_path}"]
    command = [sys.executable, "scripts/train.py", "-m", *endless, *numbers]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=REPOSITORY, start_new_session=True
    )
    try:
        wait_for(lambda: len(list(tmp_path.rglob("history.jsonl"))) == 2)
        process.terminate()
        assert process.wait(timeout=60) not in (0, None)
        wait_for(lambda: not group_exists(process.pid))
    finally:
        if group_exists(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
    assert len(list(tmp_path.rglob("status.json"))) == 2


def wait_for(condition, seconds=120):
    """Look until the condition holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


def group_exists(leader):
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True
