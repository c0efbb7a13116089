"""What is said where a launcher's plugin, or its cluster, is not here."""

from importlib.util import find_spec

import pytest

from aeaug.faults import explanation
from aeaug.sweep.launchers import outlives, require_cluster
from tests.conftest import tiny
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
    assert f"pip install -e '.[{'ray' if plugin == 'ray' else 'slurm'}]'" in line
    assert list(tmp_path.iterdir()) == []


def test_slurm_is_asked_for_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match=r"^hydra/launcher=slurm: there is no srun here"):
        require_cluster(SLURM)
    require_cluster({"_target_": "hydra._internal.core_plugins.basic_launcher.BasicLauncher"})
    (tmp_path / "srun").touch(0o755)
    require_cluster(SLURM)


def test_jobs_outlive_the_command_in_slurms_queue_alone():
    assert outlives(SLURM)
    assert not outlives({"_target_": "hydra_plugins.hydra_ray_launcher.ray_launcher.RayLauncher"})
    assert not outlives({})


@pytest.mark.parametrize("package", ["submitit.core.utils", "ray.exceptions"])
def test_what_a_cluster_says_is_no_bug_of_this_project(package):
    error = type("FailedJobError", (RuntimeError,), {"__module__": package})("first line\nsecond line")
    assert "first line second line" in explanation(error)
    assert explanation(RuntimeError("a bug")) is None
