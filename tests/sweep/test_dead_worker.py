"""A worker of a parallel sweep that is killed, as the system does where memory runs out."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import tiny
from tests.processes import Process, workers


def sweep(outputs, *more):
    given = tiny(
        "arm=none",
        "budget.images=2000",
        "evaluation.every=100",
        "evaluation.test=false",
        "name=pair",
        "variant=v",
        "seed=0,1",
        "data.subset_seed=0",  # which is measured already
    )
    command = ["scripts/train.py", "-m", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    return Process(*command, *given, f"outputs={outputs}", *more)


def statuses(outputs):
    return [json.loads(file.read_text()) for file in outputs.rglob("status.json")]


@pytest.mark.usefixtures("stocked")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")
def test_a_sweep_whose_worker_is_killed_ends_whole_in_one_line_and_can_be_gone_on_with(tmp_path):
    one, give_up = sweep(tmp_path), time.monotonic() + 240
    while not any(status["state"] == "running" and status["images"] for status in statuses(tmp_path)):
        assert one.poll() is None, one.communicate()
        assert time.monotonic() < give_up
        time.sleep(0.02)
    os.kill(workers(one.pid)[0], signal.SIGKILL)
    _, said = one.communicate(timeout=30)  # all who hold the pipe open: no worker is left
    assert one.returncode == 1
    assert "Traceback" not in said
    (line,) = [line for line in said.splitlines() if line.startswith("error: ")]
    assert "worker" in line
    assert "the same command goes on" in line
    assert {status["state"] for status in statuses(tmp_path)} <= {"interrupted", "done"}

    again = sweep(tmp_path, "hydra.launcher.n_jobs=1")  # which makes no other run
    assert again.communicate(timeout=240)[1].count("Traceback") == 0
    assert [status["state"] for status in statuses(tmp_path)] == ["done", "done"]
