"""Validation FD of the two runs of a pair at equally many processor seconds, rather than images shown.

Arms are compared at equal work, so many images shown, and an arm that trains an autoencoder and decodes images takes
longer for them. Here the time is equal. Let run r have been read after s_r1 < … < s_rK processor seconds of training,
those of its autoencoder, gate, augmentation and GAN, without what measuring took; the autoencoder's count in whichever
run it was trained. The two runs of a pair are compared after

    T = min(s_tK, s_cK),

where the faster one ended, so that it has its own last reading, and the other has log FD interpolated linearly in log
seconds between the two readings around T. Nothing is extrapolated: where T is before a run's first reading, the pair
has no number. Readings are of the validation slice, for the test split is measured once, at the end.

Curves of FD against the budget are near lines in double logarithms, where they fall as a power of it; how far the two
readings around T lie apart bounds the error where a curve is monotone between them.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from aeaug.report.arms import Arm
from aeaug.run.records import RunRecord

__all__ = ["at_equal_seconds", "moments"]

Floats = NDArray[np.float64]


def at_equal_seconds(run: RunRecord, other: RunRecord) -> tuple[float | None, float | None]:
    """Log FD of both at T; None for one that has none there, or no curve.

    Where one is not done, there is no T: the other has its own last reading, to say that it has a curve.
    """
    curves = _log_curve(run), _log_curve(other)
    if {run.state, other.state} != {"done"}:
        one, two = (
            None if curve is None or each.state != "done" else float(curve[1, -1])
            for each, curve in zip((run, other), curves, strict=True)
        )
        return one, two
    if (moment := _moment(*curves)) is None:
        return None, None
    one, two = (
        None if curve is None or moment < curve[0, 0] else float(np.interp(moment, curve[0], curve[1]))
        for curve in curves
    )
    return one, two


def moments(treatment: Arm, control: Arm) -> Iterator[float]:
    """T of every pair that is compared, in processor seconds."""
    others = {run.key: run for run in control.runs}
    for run in treatment.runs:
        other = others.get(run.key)
        if other is not None and {run.state, other.state} == {"done"} and None not in at_equal_seconds(run, other):
            moment = _moment(_log_curve(run), _log_curve(other))
            assert moment is not None
            yield math.exp(moment)


def _moment(one: Floats | None, other: Floats | None) -> float | None:
    """log T; None where a run has no curve."""
    return None if one is None or other is None else float(min(one[0, -1], other[0, -1]))


def _log_curve(run: RunRecord) -> Floats | None:
    """Logarithms (2, K) of seconds and FD; None for a run without a reading that has both, or whose seconds do not
    increase, as of a clock that was lost on the way."""
    points = [(seconds, value) for seconds, value in run.curve if 0 < seconds < math.inf and 0 < value < math.inf]
    if not points:
        return None
    curve = np.log(np.array(points, dtype=np.float64).T)
    return curve if (np.diff(curve[0]) > 0).all() else None
