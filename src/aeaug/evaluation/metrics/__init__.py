"""Metrics of a set of images, one a file: how it is computed, and a ``MEASUREMENT`` that declares it.

A file put here is found: the evaluators measure it, and tables, claims, TensorBoard and figures know it from its
declaration. What it means to a reader stands in docs/evaluation.md.
"""

import importlib
import pkgutil

from aeaug.evaluation.metric import Measurement, Metric

__all__ = ["MEASUREMENTS", "METRICS", "find"]

MEASUREMENTS: dict[str, Measurement] = {}
"""Every file's measurement, by the file's name, in the order of tables."""
METRICS: dict[str, Metric] = {}
"""Every metric of a set of images, by its key, in the order of tables."""


def find() -> None:
    """Fill both dictionaries with what the files of this folder declare.

    Raises ``ValueError`` for a file without a declaration, and for a key that two files declare.
    """
    found = {}
    for file in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{file.name}")
        measurement = getattr(module, "MEASUREMENT", None)
        if not isinstance(measurement, Measurement):
            raise ValueError(f"evaluation/metrics/{file.name}.py: declares no MEASUREMENT")
        found[file.name] = measurement
    MEASUREMENTS.clear()
    MEASUREMENTS.update(sorted(found.items(), key=lambda item: (item[1].rank, item[0])))
    METRICS.clear()
    for name, measurement in MEASUREMENTS.items():
        for metric in measurement.metrics:
            if metric.key in METRICS:
                raise ValueError(f"evaluation/metrics/{name}.py: another file declares {metric.key!r} too")
            METRICS[metric.key] = metric


find()
