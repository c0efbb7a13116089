"""What a number of a run is that is not one of a set of images: its words, and where it is read in the run's files."""

from collections.abc import Callable
from dataclasses import dataclass, field

from aeaug.evaluation.metric import Metric
from aeaug.run.files import Files

__all__ = ["Read", "RunMetric"]

Read = Callable[[Files], float | None]


@dataclass(frozen=True)
class RunMetric(Metric):
    """A number of a run that is not one of a set of images. ``read``: where it stands, None where it is not there.

    ``of_diverged``: a run that diverged has it too; the others are of runs that came to the end of their budget.
    """

    read: Read = field(default=lambda files: None, repr=False, compare=False)
    of_diverged: bool = False
