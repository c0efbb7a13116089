"""Stability of training: the worst seed of each arm, and the spread over seeds, treatment against control.

Both are read over the seeds that are done in both arms, so that no arm has a worse worst for having more seeds. Spread
is the standard deviation of log FD over seeds, about the relative spread of FD.

Equal spread is tested for paired samples x, y by Pitman and Morgan (Biometrika 31, 1939): cov(x + y, x - y) = var x -
var y, so that equal variances are no correlation of sums and differences. Its p-value is that of Pearson's r under
normal log FD; heavy tails make it too small. From six pairs on, Holm-corrected over all comparisons of the report.

Diverged runs have no FD to be worst or to spread: they are counted beside, and make an arm look steadier than it is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics import MINIMUM_PAIRS, holm
from aeaug.run.metrics import METRICS

__all__ = ["Spread", "Stability", "pitman_morgan", "stability"]

_FD = METRICS["frechet_distance"]


@dataclass(frozen=True)
class Spread:
    """One arm over the seeds done in both: its highest FD and the seed of it, the standard deviation of log FD.

    `worst` and `worst_seed` are None without such a seed, `deviation` below two.
    """

    arm: Arm
    worst: float | None
    worst_seed: int | None
    deviation: float | None


@dataclass(frozen=True)
class Stability:
    """One treatment against the control of its group over `pairs` seeds; `p` and `p_holm` are None below six pairs."""

    group: Group
    treatment: Spread
    control: Spread
    pairs: int
    p: float | None = None
    p_holm: float | None = None

    @property
    def worst_ratio(self) -> float | None:
        """Worst FD of the treatment over that of the control: below 1, the treatment's worst seed is the better."""
        return self.treatment.worst / self.control.worst if self.treatment.worst and self.control.worst else None

    @property
    def deviation_ratio(self) -> float | None:
        """Spread of the treatment over that of the control: below 1, the treatment is the steadier; None over 0."""
        one, other = self.treatment.deviation, self.control.deviation
        return None if one is None or not other else one / other


def stability(results: Results) -> list[Stability]:
    """Each treatment against the control of its group, group by group."""
    rows = [_row(group, arm, control) for group in results.groups for arm, control in group.compared]
    return [replace(row, p_holm=p) for row, p in zip(rows, holm([row.p for row in rows]), strict=True)]


def pitman_morgan(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Two-sided p-value of equal variances of paired samples x, y: (n,); None where sums or differences are constant.

    n >= 3, else `ValueError` (of scipy).
    """
    sums, differences = np.add(x, y), np.subtract(x, y)
    scale = np.abs(x).max() + np.abs(y).max()
    if min(np.ptp(sums), np.ptp(differences)) <= 1e-12 * scale:
        return None
    return float(stats.pearsonr(sums, differences).pvalue)


def _row(group: Group, treatment: Arm, control: Arm) -> Stability:
    logs, others = _logs(treatment), _logs(control)
    seeds = sorted(logs.keys() & others.keys())
    enough = len(seeds) >= MINIMUM_PAIRS
    p = pitman_morgan([logs[seed] for seed in seeds], [others[seed] for seed in seeds]) if enough else None
    return Stability(group, _spread(treatment, logs, seeds), _spread(control, others, seeds), len(seeds), p)


def _logs(arm: Arm) -> dict[int, float]:
    return {run.seed: value for run in arm.runs if (value := run.on_scale(_FD)) is not None}


def _spread(arm: Arm, logs: Mapping[int, float], seeds: Sequence[int]) -> Spread:
    worst = max(seeds, key=lambda seed: logs[seed], default=None)
    deviation = float(np.std([logs[seed] for seed in seeds], ddof=1)) if len(seeds) > 1 else None
    return Spread(arm, None if worst is None else math.exp(logs[worst]), worst, deviation)
