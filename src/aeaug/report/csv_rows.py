"""The report as one row a run: what it is, how it ended, and every number at full precision."""

import csv
import io
from typing import Any

from aeaug.report.collect import Experiment
from aeaug.report.metrics import METRICS
from aeaug.report.records import Metrics, Run
from aeaug.run.claims import arm_name

__all__ = ["results_csv"]


def results_csv(experiment: Experiment) -> str:
    """One row per run, missing ones included; a number that a run lacks is empty."""
    rows = [_row(experiment.name, run) for run in experiment.runs]
    fields = list(dict.fromkeys(field for row in rows for field in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _row(name: str, run: Run) -> dict[str, Any]:
    status, results = run.status, run.results
    row: dict[str, Any] = {
        "experiment": name,
        "variant": run.variant,
        "arm": arm_name(run.variant),
        "n_train": run.n_train,
        "seed": run.seed,
        "path": run.path.as_posix(),
        "state": run.state,
        "images": status.images if status else "",
    }
    if run.test is not None and results is not None:
        row |= _flat(run.test) | {f"class_{label}": share for label, share in enumerate(run.test.class_histogram)}
        for floor, metrics in results.floors.items():
            row |= {f"{floor}_{key}": value for key, value in _flat(metrics).items()}
        row |= {f"leak_{key}": value for key, value in results.leak.model_dump().items()} if results.leak else {}
        # What metrics.json does not hold by name: the discriminator at the end of training, and rates.
        row |= {key: METRICS[key].of(run) for key in ("r_t", "r_v", "logit_gap", "images_per_second")}
    if results is not None:
        if results.autoencoder is not None:
            row |= _autoencoder(results.autoencoder.model_dump())
        row |= {f"parameters_{network}": count for network, count in results.parameters.items()}
    if status is not None:
        row |= {f"seconds_{stage}": seconds for stage, seconds in status.seconds.items()}
        row |= {f"memory_{key}": value for key, value in status.peak_memory.model_dump().items()}
    return row


def _flat(metrics: Metrics) -> dict[str, Any]:
    return metrics.model_dump(exclude={"class_histogram"})


def _autoencoder(found: dict[str, Any]) -> dict[str, Any]:
    """Key and epochs, and its quality; a number for each gamma is a column for each, `..._gamma_0.5`."""
    row = {f"autoencoder_{key}": found[key] for key in ("key", "epochs")}
    quality = found["quality"] or {}
    gammas = quality.get("gammas", ())
    for key, value in quality.items():
        if key == "gammas":
            continue
        if isinstance(value, tuple):
            row |= {f"autoencoder_{key}_gamma_{g:g}": one for g, one in zip(gammas, value, strict=True)}
        else:
            row[f"autoencoder_{key}"] = value
    return row
