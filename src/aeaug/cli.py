"""The command lines: Hydra composes, the options are checked, the work is done elsewhere.

Only Hydra is imported here. PyTorch and Lightning take seconds, and ``--help`` or a misspelt key has no use for them.
"""

import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hydra
from hydra import compose
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

import aeaug.openmp  # noqa: F401
from aeaug.installed import as_typed, with_extra
from aeaug.sweep.broken_pipe import outlive_readers, unread
from aeaug.sweep.composition.command_line import for_hydra
from aeaug.sweep.composition.command_options import (
    compose_dataset,
    compose_reevaluation,
    compose_report,
    compose_sampling,
    compose_status,
)
from aeaug.sweep.composition.composition import compose_options, names_of, overrides_of
from aeaug.sweep.composition.config_values import a_line_a_value
from aeaug.sweep.composition.lacking import Job, kept, lacking
from aeaug.sweep.composition.overrides import CONF
from aeaug.sweep.composition.shared import settle
from aeaug.sweep.composition.used import require_chosen, require_used
from aeaug.sweep.ending import SWEEP, ending_sweeps, refusing

__all__ = ["augment", "evaluate", "report", "sample", "status", "train", "tune"]


def train() -> None:
    """``python scripts/train.py``: one run, or with ``-m`` a sweep; with ``--dry-run`` what would be done."""
    _spell_out("--dry-run", "dry_run=true")
    # Hydra says it of an option file that has the name of a plugin's own.
    warnings.filterwarnings("ignore", message=r"\s*'hydra/launcher/ray' is validated against ConfigStore schema")
    with ending_sweeps(), _plainly("train", ("experiment",), sweeps=True):
        from aeaug.advise.detection import is_asked_for

        if is_asked_for(sys.argv[1:]):
            _advise()
        else:
            _train()


def _advise() -> None:
    with refusing(ValueError):
        from aeaug.advise.advise import advise
        from aeaug.advise.asked import asked

        advice, dry_run = asked(sys.argv[1:])
    paths = advise(advice, _sweep, dry_run=dry_run)
    if paths is not None:
        print(f"{paths.terminal}\nReport: {paths.html}\n\n{paths.answer}")


def _sweep(overrides: Sequence[str]) -> None:
    """What ``-m`` and the ``overrides``, in Hydra's grammar, do when they are typed."""
    typed = sys.argv[1:]
    sys.argv[1:] = ["-m", *overrides]
    try:
        _train()
    finally:
        sys.argv[1:] = typed


def report() -> None:
    """``python scripts/report.py experiment=<name>`` or ``results=<file>``: a report, its table on the terminal."""
    with _plainly("command/report", ("experiment", "results")):
        _report()


def evaluate() -> None:
    """``python scripts/evaluate.py run=<folder>`` or ``images=<folder or file>``: the table of a run's end."""
    with _plainly("command/evaluate", ("run", "images")):
        _evaluate()


def augment() -> None:
    """``python scripts/augment.py out=<file.npz, folder or .tar>``: images, and those that are made of them."""
    with _plainly("command/augment", ("images", "out")):
        _augment()


def sample() -> None:
    """``python scripts/sample.py run=<folder> out=<folder, .npy or .png>``: images of a finished run's generator."""
    with _plainly("command/sample", ("run", "out")):
        _sample()


def status() -> None:
    """``python scripts/status.py [experiment=<name>] [--watch]``: how far runs are, a table on the terminal."""
    _spell_out("--watch", "watch=true")
    with _plainly("command/status", ("experiment",)):
        _status()


def tune() -> None:
    """``python scripts/tune.py tune.space=<file>``: a search for the values with the smallest validation FD; with
    ``--dry-run`` what would be done."""
    _spell_out("--dry-run", "dry_run=true")
    with _plainly("command/tune", ("tune.space",)):
        _tune()


@hydra.main(version_base="1.3", config_path=CONF, config_name="train")
def _train(config: DictConfig) -> float | None:
    job = HydraConfig.get()
    sweeping, overrides = job.mode == RunMode.MULTIRUN, overrides_of(job)
    if sweeping:
        if without := lacking(overrides, "train", hydras := list(job.overrides.hydra)):
            overrides = kept(overrides, without)
            config = compose("train", [*hydras, *overrides])
        os.chdir(job.runtime.cwd)  # paths are those of the command; a worker on a cluster may have begun elsewhere
        config.trainer.progress = False  # the sweep has one bar for all
        for handler in logging.getLogger().handlers:
            handler.setLevel(logging.WARNING)  # what goes well is in the bar, and in every run.log
    with refusing(ValueError):
        if not sweeping:
            require_chosen(job.sweeper.get("params") or {}, overrides)
        names = names_of(job)
        options = compose_options(config, overrides, names)
        if not sweeping:  # what one job of a sweep ignores, another may be about
            require_used([Job(options, overrides)])
            from aeaug.sweep.plan.soundness import require_sound

            require_sound([options], sweep=False)
            from aeaug.sweep.plan.together import apart

            for line in apart([options]):
                logging.getLogger(__name__).warning("%s", line)
            if options.dry_run:
                from aeaug.run.folders import run_path
                from aeaug.sweep.plan.needed import require_what_they_need
                from aeaug.sweep.plan.standing import plan_text, standings

                plan = standings({run_path(options): options})
                require_what_they_need([one.options for one in plan if one.starts], images=False)
                print(plan_text(options.name, plan, {}))
                return None
        from aeaug.run.folders import experiment_of
        from aeaug.run.pipeline import Run
        from aeaug.sweep.job import anew, prepared, unstopped

        if sweeping:
            from aeaug.training.parent import end_with

            end_with(int(os.environ.get(SWEEP, 0)))
            # One of joblib's jobs, in a worker or here: a cluster says itself which GPU is whose.
            if "n_jobs" in job.launcher and options.trainer.accelerator != "cpu":
                from aeaug.training.gpus import own_gpu

                own_gpu(Path(options.outputs, ".gpus"))
        _quieten()
        run: Run | float
        if sweeping:
            run = prepared(options)
        else:
            anew([options])
            run = Run(options)
            settle(experiment := experiment_of(run.folder.path), names.shared(experiment))
            if options.data.there and run.leads:
                print(options.data.there, flush=True)
    if isinstance(run, float):
        return run
    with refusing(log=run.folder.log):
        return unstopped(run) if sweeping else run.run()


# Not conf/: beside the group experiment/, Hydra would read experiment=<name> as a choice from it.
@hydra.main(version_base="1.3", config_path=f"{CONF}/command", config_name="report")
def _report(config: DictConfig) -> None:
    with refusing(ValueError):
        options = compose_report(config, overrides_of(HydraConfig.get()))
        from aeaug.report.write import report as write_report

        results = None if options.results is None else Path(options.results)
        paths = write_report(options.experiments(), results, Path(options.outputs), options.control)
    print(paths.terminal)
    print(f"\nReport: {paths.html}")
    if paths.answer:
        print(f"\n{paths.answer}")


@hydra.main(version_base="1.3", config_path=f"{CONF}/command", config_name="status")
def _status(config: DictConfig) -> None:
    with refusing(ValueError):
        options = compose_status(config, overrides_of(HydraConfig.get()))
        from aeaug.sweep.status.show import show

        show(options, unread)


@hydra.main(version_base="1.3", config_path=CONF, config_name="command/evaluate")
def _evaluate(config: DictConfig) -> None:
    with refusing(ValueError):
        options = compose_reevaluation(config, overrides_of(HydraConfig.get()))
        from aeaug.run.again.finished_run import FinishedRun
        from aeaug.run.again.image_set import ImageSet

        _quieten()
        prepared = ImageSet(options) if options.run is None else FinishedRun(options)
    with refusing():
        evaluation = prepared.measure()
        file = evaluation.write(Path(options.outputs), options.name)
    print(evaluation.table())
    print(f"\nAll numbers: {file}")


@hydra.main(version_base="1.3", config_path=CONF, config_name="command/augment")
def _augment(config: DictConfig) -> None:
    with refusing(ValueError):
        options = compose_dataset(config, overrides_of(HydraConfig.get()))
        from aeaug.library.dataset import AugmentedDataset

        _quieten()
        dataset = AugmentedDataset(options)
        if there := options.data.there if options.images is None else dataset.remark:
            print(there, flush=True)
    with refusing():
        dataset.write()
    print(f"{dataset.synthetic:,} images of {len(dataset.images):,}: {options.out}")


@hydra.main(version_base="1.3", config_path=f"{CONF}/command", config_name="sample")
def _sample(config: DictConfig) -> None:
    with refusing(ValueError):
        options = compose_sampling(config, overrides_of(HydraConfig.get()))
        from aeaug.run.again.sampling import Sampling

        _quieten()
        sampling = Sampling(options)
    with refusing():
        sampling.write()
    print(f"{options.n:,} images: {options.out}")


@hydra.main(version_base="1.3", config_path=CONF, config_name="command/tune")
def _tune(config: DictConfig) -> None:
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.WARNING)  # what goes well has its line a trial, and is in every run.log
    with refusing(ValueError):
        if missing := [name for name in ("optuna", "plotly") if find_spec(name) is None]:
            raise ValueError(f"{missing[0]} is not installed, which a search needs: {with_extra('tune')}")
        job = HydraConfig.get()
        of_tune: Any = OmegaConf.to_container(config.tune, resolve=True)
        from aeaug.tune.options import parse_tune

        with a_line_a_value(config):
            options = parse_tune(of_tune)
        from aeaug.tune.search import asked
        from aeaug.tune.tune import tuned

        base = [one for one in overrides_of(job) if not one.lstrip("+").startswith(("tune.", "dry_run="))]
        hydras = [one for one in job.overrides.hydra if one.startswith("hydra.searchpath")]
        swept = job.sweeper.get("params") or {}
        search = asked(options, config.name, Path(config.outputs), base, hydras, swept)
        if config.dry_run:
            from aeaug.tune.plan import plan_text

            print(plan_text(search))
            return
        _quieten()
    with refusing():
        wrong = tuned(search)
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        sys.exit(1)


def _spell_out(flag: str, option: str) -> None:
    """Have a flag of ours stand for an option, for Hydra knows its own flags alone."""
    sys.argv[1:] = [option if typed == flag else typed for typed in sys.argv[1:]]


@contextmanager
def _plainly(config: str, things: Sequence[str], sweeps: bool = False) -> Iterator[None]:
    """Read the command line, and end in one line for what Hydra finds wrong with it."""
    outlive_readers()
    full, typed = os.environ.get("HYDRA_FULL_ERROR"), sys.argv[1:]
    try:
        with refusing(ValueError):
            sys.argv[1:] = for_hydra(typed, config, things, sweeps)
        os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra would print its errors itself, over many lines
        with _help_as_typed():
            if full == "1":
                yield
            else:
                with refusing(typed=typed, config=config):
                    yield
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    finally:
        os.environ.pop("HYDRA_FULL_ERROR", None)
        if full is not None:
            os.environ["HYDRA_FULL_ERROR"] = full


@contextmanager
def _help_as_typed() -> Iterator[None]:
    """What ``--help`` prints names the commands that there are."""
    if not {"--help", "-h"} & set(sys.argv):
        yield
        return
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            yield
    finally:
        print(as_typed(printed.getvalue()), end="")


def _quieten() -> None:
    from aeaug.training.quietness import quieten

    quieten()
