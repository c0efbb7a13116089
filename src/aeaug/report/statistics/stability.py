"""Stability of training: the worst seed of each arm, and the spread over seeds, treatment against control.

Both are read over the runs that are done in both arms, so that no arm has a worse worst for having more seeds. Spread
is the standard deviation of log FD over units (subsets, with the mean of their initialisations), about the relative
spread of FD.

Equal spread is tested for paired samples x, y by Pitman and Morgan (Biometrika 31, 1939): cov(x + y, x - y) = var x -
var y, so that equal variances are no correlation of sums and differences. Its p-value is that of Pearson's r under
normal log FD; heavy tails make it too small. From six pairs on, Holm-corrected over all comparisons of the report.

Diverged runs have no FD to be worst or to spread: they are counted beside, and make an arm look steadier than it is.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import Comparison, compare
from aeaug.report.statistics.exact_test import MINIMUM_PAIRS, holm
from aeaug.report.statistics.pairs import by_unit
from aeaug.run.metrics import METRICS

__all__ = ["Spread", "Stability", "pitman_morgan", "stability"]

_FD = METRICS["frechet_distance"]


class Spread(NamedTuple):
    """One arm over the runs done in both: its highest FD and which run has it, None without any; the standard deviation
    of log FD, None below two."""

    arm: Arm
    worst: float | None
    worst_run: str | None
    deviation: float | None


class Stability(NamedTuple):
    """One treatment against the control of its group over `pairs` units; `p` and `p_holm` are None below six pairs.
    Ratios are the treatment's over the control's, below 1 where it is the steadier; None where there is none."""

    group: Group
    treatment: Spread
    control: Spread
    pairs: int
    worst_ratio: float | None
    deviation_ratio: float | None
    p: float | None
    p_holm: float | None = None


def stability(results: Results) -> list[Stability]:
    """Each treatment against the control of its group, group by group."""
    rows = []
    for row in compare(results, _FD, tested=False):
        logs = [_logs(arm, row) for arm in (row.treatment, row.control)]
        one, other = (_spread(arm, row, of) for arm, of in zip((row.treatment, row.control), logs, strict=True))
        p = pitman_morgan(*logs) if len(logs[0]) >= MINIMUM_PAIRS else None
        ratios = _ratio(one.worst, other.worst), _ratio(one.deviation, other.deviation)
        rows.append(Stability(row.group, one, other, len(logs[0]), *ratios, p))
    return [row._replace(p_holm=p) for row, p in zip(rows, holm([row.p for row in rows]), strict=True)]


def pitman_morgan(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Two-sided p-value of equal variances of paired samples x, y: (n,); None where sums or differences are constant.

    n >= 3, else `ValueError` (of scipy).
    """
    sums, differences = np.add(x, y), np.subtract(x, y)
    if min(np.ptp(sums), np.ptp(differences)) <= 1e-12 * (np.abs(x).max() + np.abs(y).max()):
        return None
    return float(stats.pearsonr(sums, differences).pvalue)


def _logs(arm: Arm, row: Comparison) -> list[float]:
    """Log FD of each unit of the comparison."""
    logs = {run.key: run.on_scale(_FD) or 0.0 for run in arm.runs if run.key in row.differences}
    return list(by_unit(logs, by_seed=row.by_seed).values())


def _spread(arm: Arm, row: Comparison, logs: Sequence[float]) -> Spread:
    found = {run.repetition: run.of(_FD) or 0.0 for run in arm.runs if run.key in row.differences}
    worst = max(found, key=lambda name: found[name], default=None)
    deviation = float(np.std(logs, ddof=1)) if len(logs) > 1 else None
    return Spread(arm, None if worst is None else found[worst], worst, deviation)


def _ratio(one: float | None, other: float | None) -> float | None:
    return None if one is None or not other else one / other
