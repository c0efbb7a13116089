"""What starts the runs of a sweep: the plugin that each launcher needs, how many jobs it has at once with how many
threads, and whether they outlive the command."""

import math
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aeaug.installed import with_extra

__all__ = [
    "EXTRAS",
    "elsewhere",
    "fitting",
    "jobs_at_once",
    "outlives",
    "require_batches",
    "require_cluster",
    "require_launcher",
    "settle_jobs",
    "threads_each",
    "without_plugin",
]

EXTRAS: dict[str, str | None] = {"joblib": None, "slurm": "slurm", "submitit_slurm": "slurm", "ray": "ray"}
"""By launcher, the extra of this package that brings its plugin; None: every installation does."""
GB_EACH = 2.0  # of memory that a run wants, measuring included, with some to spare
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # in bytes, of a container
GPUS_AT = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # on Linux: NVIDIA's, Windows' below it, AMD's


def require_launcher(launcher: Mapping[str, Any]) -> None:
    """Raise ``ValueError``, in one line, for a ``hydra.launcher`` with which no run could start."""
    if launcher.get("n_jobs") == 0:
        raise ValueError("hydra.launcher.n_jobs=0: must be at least 1, or -1 for one a core, or a GPU")
    # The option file of Ray has the name of the plugin's own, so that Hydra does not miss that.
    if _is_ray(launcher) and find_spec("hydra_plugins.hydra_ray_launcher") is None:
        raise ValueError(without_plugin("ray"))


def require_batches(sweeper: Mapping[str, Any]) -> None:
    """Raise ``ValueError``, in one line, for a ``hydra.sweeper`` that would hand no job on at a time."""
    size = sweeper.get("max_batch_size")
    if size is not None and (not isinstance(size, int) or size < 1):
        raise ValueError(f"hydra.sweeper.max_batch_size={size}: must be at least 1, or null for all jobs at once")


def settle_jobs(config: Any) -> bool:
    """Put the number of jobs at once into ``hydra.launcher.n_jobs``: with ``sweep.per_gpu`` so many on each GPU of
    this machine; else what is typed, or of joblib's -1 one on each GPU where runs are on GPUs, and where they are not
    one on each core, or on as many as ``trainer.threads`` says, as far as memory goes. (Which GPU is whose:
    :mod:`aeaug.training.gpus`.) Return whether it is a number of cores that nobody typed. Raises ``ValueError``, in one
    line, where no GPU would be shared."""
    launcher, trainer = config.hydra.launcher, config.trainer
    shared = config.sweep.get("per_gpu") if isinstance(config.sweep, Mapping) else None
    shared = shared if isinstance(shared, int) and shared >= 1 else None  # null, or what the options' check names
    if shared and "n_jobs" not in launcher:
        raise ValueError(f"sweep.per_gpu={shared}: hydra/launcher=joblib is the one that has several jobs on a machine")
    if shared and trainer.accelerator == "cpu":
        raise ValueError(f"sweep.per_gpu={shared}: trainer.accelerator=cpu uses no GPU")
    if shared and launcher.n_jobs != -1:
        raise ValueError(
            f"sweep.per_gpu={shared}: hydra.launcher.n_jobs={launcher.n_jobs} says how many jobs there are at once; "
            "one of the two"
        )
    if not shared and launcher.get("n_jobs") != -1:
        return False
    gpus = 0 if trainer.accelerator == "cpu" else _gpus()
    if gpus:
        launcher.n_jobs = (shared or 1) * gpus
        return False
    by_cores = bool(launcher.n_jobs == -1)
    if by_cores:
        launcher.n_jobs = fitting(trainer.get("threads"))
    return by_cores


def _gpus() -> int:
    """Those that Lightning would find on this machine; PyTorch is imported for it, for seconds, where there may be
    any."""
    if sys.platform == "linux" and not any(map(os.path.exists, GPUS_AT)):
        return 0
    from aeaug.training.machine import gpus

    return gpus()


def jobs_at_once(launcher: Mapping[str, Any]) -> int | None:
    """How many jobs a ``launcher`` has running at once, at most; None: as many as a cluster of Ray's has room for,
    which is not asked before there is work for it."""
    if _is_ray(launcher):
        return None
    jobs = int(launcher.get("n_jobs") or launcher.get("array_parallelism") or 1)
    return jobs if jobs > 0 else max(1, fitting() + 1 + jobs)  # joblib's -2 is all but one


def threads_each(launcher: Mapping[str, Any]) -> int:
    """Threads with which the jobs that a ``launcher`` has running at once do not fight over the cores: those that a
    cluster gives a job, else the cores that this process may use over the number of jobs."""
    given = launcher.get("cpus_per_task") or ((launcher.get("ray") or {}).get("remote") or {}).get("num_cpus")
    return max(1, int(given) if given else _cores() // (jobs_at_once(launcher) or 1))


def _is_ray(launcher: Mapping[str, Any]) -> bool:
    return "hydra_ray_launcher" in str(launcher.get("_target_"))


def _cores() -> int:
    """Those that this process may use, by its affinity and by the container's quota."""
    from joblib import cpu_count

    return int(cpu_count())


def fitting(threads: object = None) -> int:
    """As many jobs as there are cores for, each of so many ``threads`` (None: one), or fewer where memory would not
    do."""
    each = threads if isinstance(threads, int) and threads > 0 else 1
    return max(1, min(_cores() // each, int(_memory() / (GB_EACH * 2**30))))


def _memory() -> float:
    """Bytes that this machine, or the container that this process is in, has."""
    found = [math.inf]
    with suppress(AttributeError, ValueError, OSError):  # no POSIX
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for file in LIMITS:
        with suppress(OSError, ValueError):  # "max" is no number, and no limit
            found.append(int(Path(file).read_text()))
    return min(found)


def require_cluster(launcher: Mapping[str, Any]) -> None:
    """Raise ``ValueError``, in one line, where this machine is none of those that may start jobs."""
    if outlives(launcher) and shutil.which("srun") is None:
        raise ValueError("hydra/launcher=slurm: there is no srun here: a machine of the cluster has it")


def without_plugin(name: str) -> str:
    """One line for ``hydra/launcher=<name>`` where its plugin is missing."""
    return f"hydra/launcher={name}: its plugin is not installed: {with_extra(EXTRAS[name])}"


def elsewhere(launcher: Mapping[str, Any]) -> bool:
    """Whether jobs are run by other machines than this one, or may be."""
    return outlives(launcher) or _is_ray(launcher)


def outlives(launcher: Mapping[str, Any]) -> bool:
    """Whether jobs go on when the process that launched them is gone: they are in Slurm's queue."""
    return str(launcher.get("_target_")).endswith(".SlurmLauncher")
