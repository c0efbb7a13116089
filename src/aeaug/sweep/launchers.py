"""What starts the runs of a sweep: the plugin that each launcher needs, how many jobs it has at once with how many
threads, and whether they outlive the command."""

import os
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from aeaug.installed import with_extra

__all__ = [
    "EXTRAS",
    "jobs_at_once",
    "outlives",
    "require_batches",
    "require_cluster",
    "require_launcher",
    "share_gpu",
    "threads_each",
    "without_plugin",
]

EXTRAS = {"joblib": "sweep", "slurm": "slurm", "submitit_slurm": "slurm", "ray": "ray"}
"""By launcher, the extra of this package that brings its plugin."""


def require_launcher(launcher: Mapping[str, Any]) -> None:
    """Raise ``ValueError``, in one line, for a ``hydra.launcher`` with which no run could start."""
    if launcher.get("n_jobs") == 0:
        raise ValueError("hydra.launcher.n_jobs=0: must be at least 1, or -1 for one a core")
    # The option file of Ray has the name of the plugin's own, so that Hydra does not miss that.
    if _is_ray(launcher) and find_spec("hydra_plugins.hydra_ray_launcher") is None:
        raise ValueError(without_plugin("ray"))


def require_batches(sweeper: Mapping[str, Any]) -> None:
    """Raise ``ValueError``, in one line, for a ``hydra.sweeper`` that would hand no job on at a time."""
    size = sweeper.get("max_batch_size")
    if isinstance(size, int) and size < 1:
        raise ValueError(f"hydra.sweeper.max_batch_size={size}: must be at least 1, or null for all jobs at once")


def share_gpu(config: Any) -> None:
    """With ``sweep.per_gpu``, run so many jobs at once on each GPU of this machine; where there is none, as many as
    ``hydra.launcher.n_jobs`` says. (Which GPU is whose: :mod:`aeaug.training.gpus`.) Raises ``ValueError``, in one
    line, where none would be used."""
    jobs = config.sweep.get("per_gpu") if isinstance(config.sweep, Mapping) else None
    if not isinstance(jobs, int) or jobs < 1:
        return  # null, or what the options' check names
    if "n_jobs" not in config.hydra.launcher:
        raise ValueError(f"sweep.per_gpu={jobs}: hydra/launcher=joblib is the one that has several jobs on a machine")
    if config.trainer.accelerator == "cpu":
        raise ValueError(f"sweep.per_gpu={jobs}: trainer.accelerator=cpu uses no GPU")
    if gpus := _gpus():
        config.hydra.launcher.n_jobs = jobs * gpus


def _gpus() -> int:
    from lightning.pytorch.accelerators import CUDAAccelerator  # takes seconds

    return CUDAAccelerator.auto_device_count()


def jobs_at_once(launcher: Mapping[str, Any]) -> int | None:
    """How many jobs a ``launcher`` has running at once, at most; None: as many as a cluster of Ray's has room for,
    which is not asked before there is work for it."""
    if _is_ray(launcher):
        return None
    jobs = int(launcher.get("n_jobs") or launcher.get("array_parallelism") or 1)
    return jobs if jobs > 0 else _cores()


def threads_each(launcher: Mapping[str, Any]) -> int:
    """Threads with which the jobs that a ``launcher`` has running at once do not fight over the cores: those that a
    cluster gives a job, else the cores that this process may use over the number of jobs."""
    given = launcher.get("cpus_per_task") or ((launcher.get("ray") or {}).get("remote") or {}).get("num_cpus")
    return max(1, int(given) if given else _cores() // (jobs_at_once(launcher) or 1))


def _is_ray(launcher: Mapping[str, Any]) -> bool:
    return "hydra_ray_launcher" in str(launcher.get("_target_"))


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def require_cluster(launcher: Mapping[str, Any]) -> None:
    """Raise ``ValueError``, in one line, where this machine is none of those that may start jobs."""
    if outlives(launcher) and shutil.which("srun") is None:
        raise ValueError("hydra/launcher=slurm: there is no srun here: a machine of the cluster has it")


def without_plugin(name: str) -> str:
    """One line for ``hydra/launcher=<name>`` where its plugin is missing."""
    return f"hydra/launcher={name}: its plugin is not installed: {with_extra(EXTRAS[name])}"


def outlives(launcher: Mapping[str, Any]) -> bool:
    """Whether jobs go on when the process that launched them is gone: they are in Slurm's queue."""
    return str(launcher.get("_target_")).endswith(".SlurmLauncher")
