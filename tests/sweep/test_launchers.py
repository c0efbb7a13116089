"""What is said where a launcher's plugin, or its cluster, is not here."""

import dataclasses
import json
from importlib.util import find_spec
from typing import Any
from unittest import mock

import hydra
import pytest
from joblib import Parallel
from omegaconf import OmegaConf

from aeaug.faults import explanation
from aeaug.sweep import launchers
from aeaug.sweep.composition.overrides import CONF
from aeaug.sweep.launcher_options import require_options
from aeaug.sweep.launchers import elsewhere, jobs_at_once, outlives, require_cluster, settle_jobs, threads_each
from aeaug.sweep.plan.needed import require_what_they_need
from tests.conftest import options, tiny
from tests.processes import Process
from tests.terminal import typed

SLURM = {"_target_": "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher"}


@pytest.mark.parametrize(
    ("launcher", "plugin"), [("slurm", "submitit"), ("submitit_slurm", "submitit"), ("ray", "ray")]
)
def test_a_missing_plugin_is_named_with_what_installs_it(launcher, plugin, tmp_path):
    if find_spec("hydra_plugins") and find_spec(f"hydra_plugins.hydra_{plugin}_launcher"):
        pytest.skip("it is here")
    ended = typed("train", "-m", *tiny("arm=none", "seed=0,1"), f"hydra/launcher={launcher}", f"outputs={tmp_path}")
    assert ended.status == 1
    (line,) = ended.lines
    assert line.startswith(f"error: hydra/launcher={launcher}: ")
    pinned = "-c constraints.txt " * (plugin != "ray")
    assert f"pip install {pinned}-e '.[{'ray' if plugin == 'ray' else 'slurm'}]'" in line
    assert list(tmp_path.iterdir()) == []


def test_slurm_is_asked_for_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match=r"^hydra/launcher=slurm: there is no srun here"):
        require_cluster(SLURM)
    require_cluster({"_target_": "hydra._internal.core_plugins.basic_launcher.BasicLauncher"})
    (tmp_path / "srun").touch(0o755)
    require_cluster(SLURM)


def test_whether_there_is_a_gpu_is_asked_where_a_run_is_made(monkeypatch, tmp_path):
    """A cluster's nodes have what the machine that launches may lack; what is here is asked of this one alone."""
    asked = []
    monkeypatch.setattr("aeaug.sweep.plan.needed.check_machine", lambda *given: asked.append(given))
    jobs = [options(tmp_path, "trainer.accelerator=cpu")]
    require_what_they_need(jobs, elsewhere=True)
    assert asked == []
    require_what_they_need(jobs)
    assert asked == [("cpu", 1, "auto")]
    assert elsewhere(SLURM)
    assert elsewhere({"_target_": "hydra_plugins.hydra_ray_launcher.ray_launcher.RayLauncher"})
    assert not elsewhere({"_target_": "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher"})
    assert not elsewhere({})


def test_jobs_outlive_the_command_in_slurms_queue_alone():
    assert outlives(SLURM)
    assert not outlives({"_target_": "hydra_plugins.hydra_ray_launcher.ray_launcher.RayLauncher"})
    assert not outlives({})


@pytest.mark.parametrize("package", ["submitit.core.utils", "ray.exceptions"])
def test_what_a_cluster_says_is_no_bug_of_this_project(package):
    error = type("FailedJobError", (RuntimeError,), {"__module__": package})("first line\nsecond line")
    assert "first line second line" in explanation(error)
    assert explanation(RuntimeError("a bug")) is None


@pytest.mark.parametrize(("gpus", "at_once"), [(0, 2), (1, 5), (3, 15)])
def test_so_many_jobs_share_each_gpu_that_there_is(gpus, at_once, monkeypatch, tmp_path):
    monkeypatch.setattr("aeaug.sweep.launchers._gpus", lambda: gpus)
    given = [one for one in tiny("arm=none", "evaluation.test=false") if not one.startswith("trainer")]
    launched = ["hydra/launcher=joblib", "sweep.per_gpu=5", "seed=range(0,12)"]
    monkeypatch.setattr("aeaug.sweep.launchers.fitting", lambda threads=None: 2)
    done = typed("train", "-m", *given, *launched, f"outputs={tmp_path}", "name=mine", "--dry-run")
    assert done.status == 0, done.said
    config = composed(*given, *launched, f"outputs={tmp_path}")
    settle_jobs(config)
    assert config.hydra.launcher.n_jobs == at_once


@pytest.mark.parametrize(
    ("given", "gpus", "cores", "gigabytes", "at_once"),
    [
        ((), 0, 8, 64, 8),
        ((), 0, 8, 9, 4),
        ((), 0, 8, 1, 1),
        ((), 3, 8, 64, 3),
        (("trainer=cpu",), 3, 8, 64, 8),
        (("sweep.per_gpu=4",), 2, 8, 64, 8),
        (("sweep.per_gpu=4",), 0, 6, 64, 6),
        (("hydra.launcher.n_jobs=5",), 2, 8, 64, 5),
        (("hydra/launcher=joblib",), 0, 3, 64, 3),
        (("trainer.threads=4",), 0, 8, 64, 2),
        (("trainer.threads=4",), 0, 2, 64, 1),
        (("hydra.launcher.n_jobs=-2",), 0, 8, 64, 7),
    ],
)
def test_without_a_word_there_is_a_job_on_each_core_or_gpu(given, gpus, cores, gigabytes, at_once, monkeypatch):
    monkeypatch.setattr("aeaug.sweep.launchers._gpus", lambda: gpus)
    monkeypatch.setattr("aeaug.sweep.launchers._cores", lambda: cores)
    monkeypatch.setattr("aeaug.sweep.launchers._memory", lambda: gigabytes * 2**30)
    config = composed(*given)
    settle_jobs(config)
    assert jobs_at_once(config.hydra.launcher) == at_once
    assert threads_each(config.hydra.launcher) == max(1, cores // at_once)


def test_a_container_has_its_own_memory(monkeypatch, tmp_path):
    machine = launchers._memory()
    assert 2**28 < machine < 2**50
    limit, none = tmp_path / "memory.max", tmp_path / "none"
    limit.write_text("5000000000\n")
    none.write_text("max\n")
    monkeypatch.setattr(launchers, "LIMITS", (str(none), str(tmp_path / "missing")))
    assert launchers._memory() >= machine
    monkeypatch.setattr(launchers, "LIMITS", (str(none), str(limit)))
    assert launchers._memory() == min(machine, 5_000_000_000)


@pytest.mark.long
@pytest.mark.usefixtures("stocked")
def test_a_sweep_of_which_nothing_is_said_is_run_by_workers(tmp_path):
    """As it is typed, with what this machine has."""
    at_once = min(4, launchers.fitting(threads=1))
    given = [*tiny("arm=none", "evaluation.test=false"), "name=mine", "variant=v", "seed=0,1,2,3"]
    process = Process("scripts/train.py", "-m", *given, f"outputs={tmp_path}")
    said = process.communicate(timeout=600)[1]
    assert process.returncode == 0, said
    assert "4 done of 4" in said
    files = sorted((tmp_path / "runs" / "mine" / "v").glob("seed=*/status.json"))
    workers = {json.loads(file.read_text())["pid"] for file in files}
    assert len(files) == 4
    assert 1 <= len(workers) <= at_once
    assert (process.pid in workers) == (at_once == 1)


def test_no_more_workers_start_than_there_is_work_for(monkeypatch, tmp_path):
    """One run that is left is made in the process that was called: two workers would be begun for it."""
    given = [*tiny("arm=none", "evaluation.test=false"), f"outputs={tmp_path}", "name=mine"]
    given, at_once = [one for one in given if not one.startswith("trainer")], []
    monkeypatch.setattr("aeaug.sweep.launchers.fitting", lambda threads=None: 8 // (threads or 1))
    monkeypatch.setattr("aeaug.sweep.callback.fitting", lambda threads=None: 8 // (threads or 1))

    def sequential(n_jobs, **options):
        at_once.append(n_jobs)
        return Parallel(n_jobs=1, **options)

    def sweep(*more):
        with mock.patch("hydra_plugins.hydra_joblib_launcher._core.Parallel", sequential):
            assert typed("train", "-m", *given, *more).status == 0

    for seeds in ("0", "0,1", "0,1"):
        sweep(f"seed={seeds}", "hydra.launcher.n_jobs=2", "trainer=cpu")
    assert at_once == [1, 1, 1]
    assert [json.loads(one.read_text())["state"] for one in tmp_path.rglob("status.json")] == ["done"] * 2

    def left(job):
        return 1.0

    monkeypatch.setattr("aeaug.sweep.job.unstopped", left)
    monkeypatch.setattr("aeaug.sweep.bar.SweepBar.unfinished", lambda bar: [])
    sweep("seed=range(0,6)", "hydra.launcher.n_jobs=3", "trainer=cpu")
    sweep("seed=range(0,16)", "hydra.launcher.n_jobs=-1", "trainer=cpu")
    sweep("seed=range(0,16)", "hydra.launcher.n_jobs=-1", "trainer=cpu", "trainer.threads=3", "name=other")
    assert at_once[3:] == [3, 8, 2]


def composed(*overrides):
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        plain = [one for one in overrides if not one.startswith("seed=")]
        return hydra.compose("train", plain, return_hydra_config=True)


UNKNOWN = [
    ("joblib", "hydra.launcher.n_job=2", "did you mean hydra.launcher.n_jobs?"),
    ("joblib", "hydra.launcher.spice=[1,2]", "there are n_jobs, backend, "),
    ("basic", "hydra.launcher.n_jobs=2", "there are "),
    ("slurm", "hydra.launcher.partitions=cpu", "did you mean hydra.launcher.partition?"),
    ("submitit_slurm", "hydra.launcher.timeout=9", "did you mean hydra.launcher.timeout_min?"),
    ("ray", "hydra.launcher.num_cpus=2", "there are ray"),
    ("ray", "hydra.launcher.ray.inits=2", "did you mean hydra.launcher.ray.init?"),
    ("ray", "hydra.launcher.ray.init.num_cpu=2", "did you mean hydra.launcher.ray.init.num_cpus?"),
    ("ray", "hydra.launcher.ray.remote.num_cpu=2", "Invalid option keyword num_cpu"),
]


@pytest.mark.parametrize(("launcher", "option", "says"), UNKNOWN)
def test_an_option_that_a_launcher_does_not_have_is_refused_in_one_line(launcher, option, says, tmp_path):
    plugin = {"basic": "", "slurm": "submitit", "submitit_slurm": "submitit"}.get(launcher, launcher)
    if plugin and not find_spec(f"hydra_plugins.hydra_{plugin}_launcher"):
        pytest.skip("its plugin is not here")
    given = tiny("arm=none", "evaluation.test=false")
    ended = typed("train", "-m", *given, f"hydra/launcher={launcher}", f"+{option}", "seed=0,1", f"outputs={tmp_path}")
    assert ended.status == 1
    (line,) = ended.lines
    key, _, value = option.partition("=")
    assert line.startswith(f"error: {key}={value.replace(',', ', ')}: hydra/launcher={launcher}")
    assert says in line
    assert list(tmp_path.iterdir()) == []


def test_what_a_launcher_hands_on_to_its_cluster_is_its_own_matter():
    """Nodes that are free in the plugin's schema, and Hydra's own keys."""

    @dataclasses.dataclass
    class Nested:
        init: dict[str, Any] = dataclasses.field(default_factory=dict)

    @dataclasses.dataclass
    class Launcher:
        _target_: str = "somewhere.Launcher"
        more: Nested = dataclasses.field(default_factory=Nested)

    def of(**values):
        node = OmegaConf.structured(Launcher)
        OmegaConf.set_struct(node, False)
        for key, value in values.items():
            OmegaConf.update(node, key.replace("__", "."), value, force_add=True)
        require_options(node, "it")

    of()
    of(more__init__anything=3)
    of(_recursive_=False)
    require_options(OmegaConf.create({"anything": 3}), "it")  # no schema says what there is
    with pytest.raises(ValueError, match=r"^hydra\.launcher\.more\.inits=null: hydra/launcher=it has no such option"):
        of(more__inits=None)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["hydra/launcher=joblib", "trainer=cpu"], "trainer.accelerator=cpu uses no GPU"),
        (["trainer=auto", "hydra/launcher=basic"], "hydra/launcher=joblib is the one"),
    ],
)
def test_a_gpu_that_nobody_would_share_is_refused(given, says, tmp_path):
    numbers = [one for one in tiny("arm=none") if not one.startswith("trainer")]
    done = typed("train", "-m", *numbers, *given, "sweep.per_gpu=2", "seed=0,1", f"outputs={tmp_path}")
    assert done.status == 1
    (line,) = done.lines
    assert line.startswith("error: sweep.per_gpu=2: ")
    assert says in line


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("hydra.launcher=joblib", "it is chosen by hydra/launcher=joblib"),
        ("+hydra.sweeper=basic", "it is chosen by hydra/sweeper=basic"),
        ("hydra.sweeper.max_batch_size=0", "must be at least 1"),
        ("sweep=2", "input should be a group of options"),
    ],
)
def test_a_slip_in_what_hydra_is_told_is_one_line(given, says, tmp_path):
    ended = typed("train", "-m", *tiny("arm=none", "seed=0,1"), given, f"outputs={tmp_path}")
    assert (ended.status, ended.printed) == (1, "")
    (line,) = ended.lines
    assert line.startswith(f"error: {given}: {says}")
    assert list(tmp_path.iterdir()) == []


def test_with_other_option_files_too_a_launcher_is_no_word(tmp_path):
    ended = typed("train", "-m", "--config-dir", str(tmp_path), "hydra.launcher=joblib", f"outputs={tmp_path}")
    assert (ended.status, ended.lines) == (
        1,
        ["error: hydra.launcher=joblib: it is chosen by hydra/launcher=joblib"],
    )
