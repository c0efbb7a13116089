"""The command lines: Hydra composes, the options are checked, the work is done elsewhere."""

import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from aeaug.report.render import write_report
from aeaug.run.again import parse_reevaluation, prepare, table
from aeaug.run.again.command_line import for_hydra
from aeaug.run.pipeline import Run
from aeaug.sweep.composition import CONF, compose_options

__all__ = ["evaluate", "report", "train"]


@hydra.main(version_base="1.3", config_path=CONF, config_name="train")
def train(config: DictConfig) -> float:
    """``python scripts/train.py``: one run, or with ``-m`` a sweep."""
    _quieten()
    job = HydraConfig.get()
    sweeping = job.mode == RunMode.MULTIRUN
    if sweeping:
        config.trainer.progress = False  # the sweep has one bar for all
        for handler in logging.getLogger().handlers:
            handler.setLevel(logging.WARNING)  # what goes well is in the bar, and in every run.log
    try:
        experiment = Run(compose_options(config, list(job.overrides.task)))
    except ValueError as error:
        if sweeping:
            raise HydraException(str(error)) from None
        sys.exit(f"error: {error}")
    return experiment.run()


# A folder of its own: beside the group experiment/, Hydra would read experiment=<name> as a choice from it.
@hydra.main(version_base="1.3", config_path=f"{CONF}/report", config_name="report")
def report(config: DictConfig) -> None:
    """``python scripts/report.py experiment=<name>``: a report of its runs, and its table on the terminal."""
    outputs = Path(config.outputs)
    try:
        paths = write_report(
            outputs / "runs", config.experiment, outputs / "reports" / config.experiment, config.control
        )
    except (ValueError, OmegaConfBaseException) as error:
        sys.exit(f"error: {error}")
    print(paths.terminal)
    print(f"\nReport: {paths.html}")


def evaluate() -> None:
    """``python scripts/evaluate.py run=<folder>`` or ``images=<folder or .npy file>``: the table of a run's end."""
    try:
        sys.argv[1:] = for_hydra(sys.argv[1:])
    except ValueError as error:
        sys.exit(f"error: {error}")
    _evaluate()


@hydra.main(version_base="1.3", config_path=CONF, config_name="evaluate/evaluate")
def _evaluate(config: DictConfig) -> None:
    _quieten()
    try:
        values: Any = OmegaConf.to_container(config, resolve=True)
        options = parse_reevaluation(values)
        prepared = prepare(options)
    except (ValueError, OmegaConfBaseException) as error:
        sys.exit(f"error: {error}")
    evaluation = prepared.measure()
    print(table(evaluation))
    print(f"\nAll numbers: {evaluation.write(Path(options.outputs), options.name)}")


def _quieten() -> None:
    """Leave out what Lightning says at every start, and its advice that does not fit."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    for message in (
        "passed in a `val_dataloader` but have no `validation_step`",
        "does not have many workers",
        "smaller than the logging interval",
        "isinstance.treespec, LeafSpec.` is deprecated",
    ):
        warnings.filterwarnings("ignore", message=f".*{message}.*")
