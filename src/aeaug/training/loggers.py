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

TAG = "aeaug_run"  # of MLflow's runs


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
    which = f"{folder.resolve()} {begun}"  # the same at every start of a run
    digest = hashlib.sha256(which.encode()).hexdigest()[:16]
    if isinstance(options, WandB):
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
    return MLFlowLogger(
        experiment_name=experiment,
        run_name=f"{arm}/{run}",
        tracking_uri=uri,
        tags={TAG: digest},
        run_id=_unfinished(uri, experiment, digest),
    )


def _unfinished(uri: str, experiment: str, digest: str) -> str | None:
    """MLflow's run of an earlier start, which is to be gone on with. One that is finished is not: MLflow takes no other
    value of an option, and a run that is extended has one."""
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    if (known := client.get_experiment_by_name(experiment)) is None:
        return None
    found = client.search_runs(
        [known.experiment_id], f"tags.{TAG} = '{digest}' and attributes.status != 'FINISHED'", max_results=1
    )
    return found[0].info.run_id if found else None


def log_outcome(logger: Logger, options: Mapping[str, Any], metrics: Mapping[str, float], step: int) -> None:
    """Tell a logger that has no tab of its own for it what a run was, ``options`` under dotted keys, and what came of
    it after ``step`` images."""
    logger.log_hyperparams(dict(options))
    if metrics:
        logger.log_metrics({f"test/{key}": value for key, value in metrics.items()}, step)
    logger.save()
