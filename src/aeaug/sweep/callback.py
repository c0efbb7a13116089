"""What Hydra calls before and after a sweep, whatever launcher runs it: check every job, then show one bar for all.

Hydra calls this in the process that launches; the runs may be in others.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, open_dict
from typing_extensions import override

from aeaug.faults import one_line
from aeaug.run.interruption import mark_interrupted
from aeaug.sweep.bar import SweepBar
from aeaug.sweep.composition.composition import overrides_of
from aeaug.sweep.composition.shared import settle
from aeaug.sweep.ending import SWEEP, left_to_do, refusing
from aeaug.sweep.launcher_options import require_options
from aeaug.sweep.launchers import (
    elsewhere,
    fitting,
    jobs_at_once,
    outlives,
    require_batches,
    require_cluster,
    require_launcher,
    settle_jobs,
)
from aeaug.sweep.plan.plan import own_params, plan_of, unknown_arms
from aeaug.sweep.planned import add_planned
from aeaug.sweep.workers import Workers

if TYPE_CHECKING:
    from aeaug.sweep.plan.standing import Standing

__all__ = ["Sweep"]


class Sweep(Callback):
    """``hydra.callbacks``: check the jobs; from the first to the last, show the share of all images that were shown."""

    _bar: SweepBar | None = None
    _signal: Any = None

    @override
    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        self._enter()
        workers = Workers(config.hydra.launcher)
        try:
            self._begin(config, workers)
        except BaseException:  # what is refused, a plan that was all that was asked for, Ctrl-C
            workers.end()
            self._leave()
            raise

    def _begin(self, config: DictConfig, workers: Workers) -> None:
        """Check the jobs, print the plan and show the bar; end the process for what is refused, and after a plan that
        is all that was asked for."""
        with refusing(ValueError, typed=overrides_of(config.hydra)):  # Hydra would warn of an error, and go on
            require_launcher(config.hydra.launcher)
            require_batches(config.hydra.sweeper)
            require_options(config.hydra.launcher, config.hydra.runtime.choices["hydra/launcher"])
            by_cores = settle_jobs(config)
            planned = plan_of(config, spelt=None if config.dry_run else workers.start)
            if "params" in config.hydra.sweeper:
                with open_dict(config):
                    config.hydra.sweeper.params = own_params(config.hydra)
            # What is typed is right: now it is worth looking at what is there.
            from aeaug.sweep.plan.standing import plan_text, standings

            if not config.dry_run and config.debug:
                from aeaug.sweep.job import anew

                anew(planned.jobs.values())

            plan = standings(planned.jobs)
            if "n_jobs" in config.hydra.launcher:
                at_once = jobs_at_once(config.hydra.launcher) or 1
                if by_cores:  # an experiment that was begun with more threads keeps them
                    at_once = min(at_once, fitting(max((one.options.trainer.threads or 1 for one in plan), default=1)))
                # A worker takes seconds to start, and one alone is this process itself.
                config.hydra.launcher.n_jobs = max(1, min(at_once, sum(one.starts for one in plan)))
            if config.dry_run:
                self._require_what_they_need(config, plan)
        jobs = planned.jobs
        experiments = ", ".join(dict.fromkeys(one.name for one in jobs.values()))
        print(*planned.departures, plan_text(experiments, plan, config.hydra.launcher), sep="\n", flush=True)
        if line := unknown_arms(jobs.values()):
            print(f"warning: {line}", file=sys.stderr)
        if config.dry_run:
            sys.exit(0)
        with refusing(ValueError):
            self._require_what_they_need(config, plan)
            for experiment, shared in planned.shared.items():
                settle(experiment, shared)
            add_planned(jobs)
        workers.hand_over(config.hydra.launcher.get("n_jobs", 1))
        self._folders, self._name = list(jobs), config.name
        self._outlived = outlives(config.hydra.launcher)
        starting = [one.folder for one in plan if one.starts]
        stale = [one.folder for one in plan if one.state == "stale" and not one.starts]
        redone = [one.folder for one in plan if one.state == "stale" and one.starts]
        self._bar = SweepBar(one_line(f"sweep {experiments}", 60), self._folders, starting, stale, redone)
        left_to_do.append(self._stopped)

    def _require_what_they_need(self, config: DictConfig, plan: "Sequence[Standing]") -> None:
        """Raise ``ValueError``, in one line, for what the runs that start need and is not here: on the way to a plan
        alone without their images, which may have to be downloaded."""
        from aeaug.sweep.plan.needed import require_what_they_need

        require_cluster(config.hydra.launcher)
        starting = [one.options for one in plan if one.starts]
        require_what_they_need(starting, elsewhere=elsewhere(config.hydra.launcher), images=not config.dry_run)

    @override
    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        if self._bar is not None:
            left_to_do.remove(self._stopped)
            self._close(self._bar)
            print(self._bar.outcome(), file=sys.stderr)
            if unfinished := self._bar.unfinished():
                print(*unfinished, sep="\n", file=sys.stderr)
                sys.exit(1)

    def _stopped(self) -> None:
        """Of a sweep that was stopped: what it came to, and how to go on with it."""
        assert self._bar is not None
        try:
            mark_interrupted(*([] if self._outlived else self._folders))
        finally:  # whoever does not wait for it
            self._close(self._bar)
        print(f"{self._bar.outcome()}; the same command goes on", file=sys.stderr)
        if self._outlived:
            print(
                f"jobs that Slurm has go on without this process; scancel --name={self._name} ends them",
                file=sys.stderr,
            )

    def _enter(self) -> None:
        """Make of the process one whose workers end with it, however it ends."""
        if threading.current_thread() is threading.main_thread():
            # By default the process would end at once, and a launcher's workers go on with jobs that nobody awaits.
            self._signal = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        os.environ[SWEEP] = str(os.getpid())  # for workers that a launcher starts

    def _leave(self) -> None:
        """Leave the process as it was before the sweep."""
        del os.environ[SWEEP]
        if self._signal is not None:
            signal.signal(signal.SIGTERM, self._signal)

    def _close(self, bar: SweepBar) -> None:
        try:
            bar.close()
        finally:
            self._leave()

    def __getstate__(self) -> dict[str, Any]:
        return {}  # launchers send the callback to their workers; the bar stays
