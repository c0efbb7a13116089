"""Sweeps in the array of a real Slurm: what it does to jobs changes no bit of what comes of them."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cluster.conftest import assert_same_bits, run_folder, starts, status, sweep, training
from tests.cluster.slurm import Slurm, missing
from tests.conftest import REPOSITORY

DEADLINE = 300  # seconds

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))
pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="pip install -e '.[slurm]'")


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    one = Slurm(tmp_path_factory.mktemp("slurm") / "one")
    yield one
    one.stop()


@pytest.fixture
def launched(slurm, tmp_path):
    """The sweep, launched, with both of its runs in training; killed with its jobs after the test."""
    command = [*sweep(tmp_path), "hydra/launcher=slurm", "hydra.launcher.mem_gb=1"]
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=REPOSITORY, env=slurm.environment, stdout=said, stderr=said
        )
    try:
        slurm.wait_for(lambda: training(tmp_path) or process.poll() is not None, DEADLINE)
        assert process.poll() is None, (tmp_path / "said").read_text()
        yield process
    finally:
        process.kill()
        process.wait()
        slurm.run("scancel", "--name=pair")
        slurm.wait_for(lambda: not slurm.jobs(), DEADLINE)


def job_of(slurm, seed):
    """The id of the job of the array that has this run."""
    (job,) = [job for job in slurm.jobs("RUNNING") if job.endswith(f"_{seed}")]
    return job


def comes_back(slurm, *jobs):
    """Wait until ``jobs`` are in the queue again, and have them start at once: Slurm itself waits two minutes."""
    for job in jobs:
        slurm.wait_for(lambda: job in slurm.jobs("PENDING"), DEADLINE)  # noqa: B023
        slurm.run("scontrol", "update", f"JobId={job}", "StartTime=now")


def test_jobs_that_are_requeued_or_out_of_time_go_on_to_the_same_bits(slurm, launched, undisturbed, tmp_path):
    """``scontrol requeue`` ends a job without a word; SIGUSR2 is what Slurm sends before the time is over."""
    requeued, late = job_of(slurm, 0), job_of(slurm, 1)
    slurm.run("scontrol", "requeue", requeued)
    slurm.run("scancel", "--signal=USR2", late)
    slurm.wait_for(lambda: status(tmp_path, 1)["state"] == "interrupted", DEADLINE)
    comes_back(slurm, requeued, late)
    assert launched.wait(DEADLINE) == 0, (tmp_path / "said").read_text()
    assert "2 done of 2" in (tmp_path / "said").read_text()
    assert [starts(tmp_path, seed) for seed in (0, 1)] == [2, 2]
    assert_same_bits(tmp_path, undisturbed)


def test_preempted_jobs_come_back_and_need_nobody_who_launched_them(slurm, launched, undisturbed, tmp_path):
    """A job that ended by itself at the SIGTERM, with which the grace begins, would not come back."""
    jobs = [job_of(slurm, seed) for seed in (0, 1)]
    launched.kill()
    slurm.run("sbatch", "--partition=high", "--ntasks=2", "--output=/dev/null", "--wrap=true")
    comes_back(slurm, *jobs)
    slurm.wait_for(lambda: not slurm.jobs(), DEADLINE)
    assert [starts(tmp_path, seed) for seed in (0, 1)] == [2, 2]
    assert_same_bits(tmp_path, undisturbed)


def test_a_command_that_is_stopped_leaves_its_jobs_to_slurm_and_says_so(slurm, launched, undisturbed, tmp_path):
    began = time.monotonic()
    launched.send_signal(signal.SIGINT)
    assert launched.wait(DEADLINE) == 130
    assert time.monotonic() - began < 10, "it waited for runs that are not its own"
    assert "scancel --name=pair" in (tmp_path / "said").read_text().splitlines()[-1]
    assert all(os.path.exists(f"/proc/{status(tmp_path, seed)['pid']}") for seed in (0, 1))  # noqa: PTH110
    slurm.wait_for(lambda: not slurm.jobs(), DEADLINE)
    assert_same_bits(tmp_path, undisturbed)


def test_what_slurm_refuses_is_said_in_a_line(slurm, tmp_path):
    command = [*sweep(tmp_path), "hydra/launcher=slurm", "hydra.launcher.partition=nowhere"]
    done = subprocess.run(
        [sys.executable, *command], cwd=REPOSITORY, env=slurm.environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("error: ") and "nowhere" in line]
    assert not run_folder(tmp_path, 0).exists()
