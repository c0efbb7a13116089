"""Workers of joblib's that start while a long sweep is planned."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor

from aeaug.sweep.ending import SWEEP
from aeaug.sweep.workers import FEWEST, Workers
from tests.processes import Process, workers

JOBLIB = {"_target_": "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher", "n_jobs": 2}

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")


@pytest.fixture(autouse=True)
def _no_workers(monkeypatch):
    """A process whose workers end with it, and that has none before and after."""
    monkeypatch.setenv(SWEEP, str(os.getpid()))
    get_reusable_executor().shutdown(kill_workers=True)
    yield
    get_reusable_executor().shutdown(kill_workers=True)


def imported():
    """Whether this process has what trains, its id, and what it does at Ctrl-C; other workers may have a turn too."""
    time.sleep(0.2)
    return "aeaug.run.pipeline" in sys.modules, os.getpid(), signal.getsignal(signal.SIGINT)


def launched():
    """As the launcher has its workers."""
    return Parallel(n_jobs=2, backend="loky", max_nbytes=None, mmap_mode="r", prefer="processes")(
        delayed(imported)() for _ in range(6)
    )


def test_the_launcher_gets_the_workers_that_were_started_with_all_that_trains_imported():
    some = Workers({**JOBLIB, "max_nbytes": None, "mmap_mode": "r", "prefer": "processes", "verbose": 0})
    some.start(FEWEST)
    started = set(workers(os.getpid()))
    assert len(started) == 2
    some.hand_over(2)
    some.end()  # those that were handed over are none of its own
    found = launched()
    assert {pid for _, pid, _ in found} <= started
    assert any(ready for ready, _, _ in found)
    assert all(at_interrupt == signal.SIG_IGN for ready, _, at_interrupt in found if ready)


@pytest.mark.parametrize(
    ("launcher", "jobs"),
    [
        (JOBLIB, FEWEST - 1),
        ({**JOBLIB, "n_jobs": 1}, FEWEST),
        ({"_target_": "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher"}, FEWEST),
    ],
)
def test_none_are_started_for_a_short_plan_or_one_job_at_a_time_or_jobs_elsewhere(launcher, jobs):
    some = Workers(launcher)
    some.start(jobs)
    assert workers(os.getpid()) == []
    some.hand_over(1)
    some.end()


@pytest.mark.parametrize("done", [Workers.end, lambda some: some.hand_over(1)])
def test_workers_that_no_launcher_will_have_are_ended(done, recwarn):
    some = Workers(JOBLIB)
    some.start(FEWEST)
    assert len(workers(os.getpid())) == 2
    done(some)
    assert workers(os.getpid()) == []
    assert not recwarn.list
    assert len(launched()) == 6  # others start


def test_a_long_sweep_that_is_refused_says_one_line_and_leaves_no_process(tmp_path):
    one = Process(
        "scripts/train.py",
        "-m",
        "hydra/launcher=joblib",
        "hydra.launcher.n_jobs=2",
        f"outputs={tmp_path}",
        "arm=append_gaussian",
        "perturbation.gamma=-1",  # is looked at when all is known to be spelt right
        f"seed=range(0,{2 * FEWEST})",
    )
    said, wrong = one.communicate(timeout=60)  # all who hold the pipes open: no worker is left
    assert (one.returncode, said) == (1, "")
    assert wrong == "error: perturbation.gamma=-1: input should be greater than or equal to 0.001\n"
