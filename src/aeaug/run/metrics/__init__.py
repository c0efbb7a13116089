"""Every number of a run that can be compared: those of its images, and here those of the run itself, a group a file.

Each is declared with where it is read in the run's files. To add one: a line in the file of its group.
"""

from collections import ChainMap
from collections.abc import Mapping

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.metrics import MEASUREMENTS
from aeaug.evaluation.metrics import METRICS as OF_IMAGES
from aeaug.run.metrics.cost import COST
from aeaug.run.metrics.leak import LEAK
from aeaug.run.metrics.metric import RunMetric
from aeaug.run.metrics.modes import MODES
from aeaug.run.metrics.overfitting import OVERFITTING
from aeaug.run.metrics.stability import STABILITY
from aeaug.run.metrics.work import OF_WORK

__all__ = ["IN_EVERY_SPACE", "METRICS", "OF_CLASSES", "TIMED", "WORK", "RunMetric"]

IN_EVERY_SPACE = tuple(
    metric.key for measurement in MEASUREMENTS.values() if measurement.everywhere for metric in measurement.metrics
)
"""The metrics that are measured in every feature space; the others are in the leading one alone."""

OF_CLASSES = tuple(
    metric.key for measurement in MEASUREMENTS.values() if measurement.of_classes for metric in measurement.metrics
)
"""Those that are measured in the first space that has classes."""

_OF_RUNS: tuple[RunMetric, ...] = (*MODES, *OF_WORK, *LEAK, *OVERFITTING, *STABILITY, *COST)

METRICS: Mapping[str, Metric] = ChainMap({metric.key: metric for metric in _OF_RUNS}, OF_IMAGES)
assert len(METRICS) == len(_OF_RUNS) + len(OF_IMAGES), "a metric of images has the key of one of runs"
"""Every metric by its key, those of images first, in the order of tables."""

WORK = tuple(metric.key for metric in OF_WORK)
"""The readings of equal work."""

TIMED = frozenset(
    key
    for key, metric in METRICS.items()
    if metric.group == "cost" and key not in WORK and not key.startswith("parameters_")
)
"""Of the machine, and of what else ran on it: another at every repetition."""
