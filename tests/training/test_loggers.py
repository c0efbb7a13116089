"""Where a run's numbers are shown: the same ones, whoever shows them, and the run is the same."""

import csv
import importlib.util
import json

import pytest
from lightning.pytorch.loggers import CSVLogger

from aeaug.run.pipeline import Run
from aeaug.training.loggers import build_logger, log_outcome
from aeaug.training.options import CSV, MLflow, WandB, require_logger
from tests.conftest import options

pytestmark = pytest.mark.usefixtures("stocked")


def test_a_run_with_another_logger_is_the_same_run_and_shows_its_curve(tmp_path):
    own = Run(options(tmp_path, "arm=none", "variant=own"))
    own.run()
    told = Run(options(tmp_path, "arm=none", "variant=told", "logger=csv"))
    told.run()
    numbers, others = (json.loads(run.folder.metrics.read_text()) for run in (own, told))
    assert {**numbers, "variant": ""} == {**others, "variant": ""}
    assert not list(told.folder.path.glob("events.*"))
    (file,) = told.folder.path.rglob("metrics.csv")
    with file.open() as opened:
        rows = list(csv.DictReader(opened))
    curve = [float(row["distance/frechet_distance"]) for row in rows if row.get("distance/frechet_distance")]
    assert curve == pytest.approx([entry["frechet_distance"] for entry in own.folder.read_history()])
    (tested,) = [float(row["test/frechet_distance"]) for row in rows if row.get("test/frechet_distance")]
    assert tested == pytest.approx(numbers["readings"]["end"]["spaces"]["classifier"]["frechet_distance"])


def test_every_start_has_a_file_of_its_own(tmp_path):
    """Lightning's logger deletes what is there."""
    folder = tmp_path / "runs" / "mine" / "none" / "seed=0"
    for value in (1.0, 2.0):
        logger = build_logger(CSV(name="csv"), folder, tmp_path, None)
        assert isinstance(logger, CSVLogger)
        log_outcome(logger, {"gan.beta1": 0.5}, {"x": value}, 100)
        logger.finalize("success")
    kept = sorted(file.read_text().split()[-1] for file in folder.rglob("metrics.csv"))
    assert kept == ["100,1.0", "100,2.0"]


@pytest.mark.parametrize(
    "chosen",
    [MLflow(name="mlflow", tracking_uri=None), WandB(name="wandb", project="mine", entity=None, offline=True)],
    ids=lambda chosen: chosen.name,
)
def test_a_logger_that_is_not_installed_is_one_line_and_one_that_is_takes_numbers(chosen, tmp_path, monkeypatch):
    if importlib.util.find_spec(chosen.name) is None:
        with pytest.raises(ValueError, match=rf"^logger={chosen.name}: {chosen.name} is not installed: pip install"):
            require_logger(chosen)
        return
    require_logger(chosen)
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "mine" / "none" / "seed=0"
    folder.mkdir(parents=True)
    logger = build_logger(chosen, folder, tmp_path, None)
    log_outcome(logger, {"gan.beta1": 0.5}, {"frechet_distance": 12.5}, 100)
    logger.finalize("success")
    if chosen.name == "mlflow":
        from mlflow.tracking import MlflowClient

        client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
        (found,) = client.search_runs([client.get_experiment_by_name("mine").experiment_id])
        assert found.info.run_name == "none/seed=0"
        assert found.data.metrics == {"test/frechet_distance": 12.5}
        assert found.data.params == {"gan.beta1": "0.5"}
    else:
        import wandb

        wandb.finish()
        assert list(folder.rglob("*.wandb"))


def test_mlflow_has_one_run_of_a_run_that_was_stopped_and_another_of_one_that_is_extended(tmp_path):
    tracking = pytest.importorskip("mlflow.tracking", reason="the extra mlflow is not installed")
    folder = tmp_path / "runs" / "mine" / "none" / "seed=0"
    folder.mkdir(parents=True)

    def start(begun):
        return build_logger(MLflow(name="mlflow", tracking_uri=None), folder, tmp_path, None, begun=begun)

    stopped = start("now")
    stopped.log_metrics({"x": 1.0}, 100)
    stopped.finalize("failed")
    for images, x in ((200, 2.0), (400, 3.0)):
        gone_on = start("now")
        log_outcome(gone_on, {"budget.images": images}, {"x": x}, images)
        gone_on.finalize("success")
    start("later").log_metrics({"x": 4.0}, 100)
    client = tracking.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    found = client.search_runs([client.get_experiment_by_name("mine").experiment_id], order_by=["start_time ASC"])
    assert [run.data.metrics for run in found] == [{"x": 1.0, "test/x": 2.0}, {"test/x": 3.0}, {"x": 4.0}]
    assert [run.data.params for run in found] == [{"budget.images": "200"}, {"budget.images": "400"}, {}]
