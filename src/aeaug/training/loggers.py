"""Where a run's numbers are shown while it is at work: Lightning's loggers, by ``logger=…``.

What a run keeps for itself, its ``history.jsonl`` and ``metrics.json``, is written whichever is chosen.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import CSVLogger, Logger, MLFlowLogger, WandbLogger

from aeaug.training.options import CSV, LoggerChoice, MLflow, TensorBoard, WandB
from aeaug.training.tensorboard import Layout, run_logger

__all__ = ["build_logger", "log_outcome"]


def build_logger(
    options: LoggerChoice,
    folder: Path,
    outputs: Path,
    resume_at: int | None,
    layout: Layout | None = None,
    *,
    begun: str = "",
) -> Logger:
    """The logger of the run in ``folder``, ``<outputs>/runs/<name>/<variant>/<run>``, which has its name from there.
    ``resume_at``: images shown, of a run that goes on; ``layout``: of TensorBoard's custom scalars; ``begun``: when it
    first started, which tells it from another one that was in this folder before."""
    experiment, arm, run = folder.parts[-3:]
    if isinstance(options, TensorBoard):
        return run_logger(folder, resume_at, layout)
    if isinstance(options, CSV):
        return CSVLogger(folder, name="csv")  # into the next version, for it would delete the last one's numbers
    if isinstance(options, WandB):
        which = f"{folder.resolve()} {begun}"  # the same at every start of a run
        digest = hashlib.sha256(which.encode()).hexdigest()[:16]
        return WandbLogger(
            name=f"{arm}/{run}",
            group=f"{experiment}/{arm}",
            project=options.project,
            entity=options.entity,
            offline=options.offline,
            save_dir=folder,
            id=digest,
            resume="allow",
        )
    assert isinstance(options, MLflow)
    uri = options.tracking_uri or f"sqlite:///{(outputs / 'mlflow.db').resolve()}"
    return MLFlowLogger(experiment_name=experiment, run_name=f"{arm}/{run}", tracking_uri=uri)


def log_outcome(logger: Logger, options: Mapping[str, Any], metrics: Mapping[str, float], step: int) -> None:
    """Tell a logger that has no tab of its own for it what a run was, ``options`` under dotted keys, and what came of
    it after ``step`` images."""
    logger.log_hyperparams(dict(options))
    if metrics:
        logger.log_metrics({f"test/{key}": value for key, value in metrics.items()}, step)
    logger.save()
