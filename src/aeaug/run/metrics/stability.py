"""Whether a training came to its end, and whether it had settled by then."""

import math

import numpy as np

from aeaug.run.files import Files
from aeaug.run.metrics.metric import RunMetric

__all__ = ["STABILITY"]


def _late_change(files: Files) -> float | None:
    """FD at the last reading over that after a fifth of its images shown, where log FD is linear in log images between
    two readings; None where nothing was read by then."""
    read = [(point["images"], point.get("frechet_distance")) for point in files.history]
    points = [
        (images, value) for images, value in read if images and isinstance(value, int | float) and 0 < value < math.inf
    ]
    if not points or points[0][0] > points[-1][0] / 5:
        return None
    images, values = np.log(points).T
    return math.exp(values[-1] - np.interp(images[-1] - math.log(5), images, values))


STABILITY = (
    RunMetric(
        "diverged",
        "diverged",
        "lower",
        "natural",
        2,
        "1 where training ended in NaN, infinity or runaway weights, or an autoencoder got worse than it began, 0 "
        "where it came to its end, however poor its images",
        "stability",
        "run",
        read=lambda files: {"diverged": 1.0, "done": 0.0}.get(files.state),
        binary=True,
        of_diverged=True,
    ),
    RunMetric(
        "late_change",
        "late change",
        "neither",
        "log",
        3,
        "validation FD at the end over that after a fifth of the images shown: below 1, it still fell after that",
        "stability",
        "run",
        read=_late_change,
    ),
)
