"""The sweeper of this project. It stands here because Hydra looks for plugins nowhere else.

Hydra's own composes each job once more before the first of them starts, a fifth of a second each, one after another: a
sweep of 500 waits for a minute and a half. By then all of them have been composed and checked, with the same option
files, for the plan that is printed (:mod:`aeaug.sweep.callback`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig
from typing_extensions import override

__all__ = ["PlannedSweeper"]


class PlannedSweeper(Sweeper):
    """``hydra/sweeper=planned``: every combination of what is typed and of ``params``, in the order of the plan, so
    many at a time, or all."""

    launcher: Launcher

    def __init__(self, max_batch_size: int | None, params: Mapping[str, Any] | None) -> None:
        self.max_batch_size, self.params = max_batch_size, params or {}

    @override
    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.config = hydra_context, config
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    @override
    def sweep(self, arguments: list[str]) -> list[Sequence[JobReturn]]:
        from aeaug.sweep.plan.plan import combinations  # Hydra imports every plugin, whatever is typed

        jobs = combinations([*(f"{key}={value}" for key, value in self.params.items()), *arguments])
        size, returned = self.max_batch_size or len(jobs), []
        for first in range(0, len(jobs), size):
            returned.append(self.launcher.launch(jobs[first : first + size], initial_job_idx=first))
            for one in returned[-1]:
                _ = one.return_value  # which raises what the job raised
        return returned
