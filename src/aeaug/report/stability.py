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

from aeaug.report.collect import Arm, Experiment
from aeaug.report.metrics import METRICS
from aeaug.report.statistics import MINIMUM_PAIRS, holm

__all__ = ["Spread", "Stability", "pitman_morgan", "stability"]

_FD = METRICS["frechet_distance"]


@dataclass(frozen=True)
class Spread:
    """One arm over the seeds done in both: its highest FD and the seed of it, the standard deviation of log FD.

    `worst` and `worst_seed` are None without such a seed, `deviation` below two. `done` and `diverged` count all runs.
    """

    arm: Arm
    worst: float | None
    worst_seed: int | None
    deviation: float | None
    done: int
    diverged: int


@dataclass(frozen=True)
class Stability:
    """One treatment against the control of its group over `pairs` seeds; `p` and `p_holm` are None below six pairs."""

    treatment: Spread
    control: Spread
    pairs: int
    p: float | None = None
    p_holm: float | None = None

    @property
    def worst_ratio(self) -> float | None:
        """Worst FD of the treatment over that of the control: below 1, the treatment's worst seed is the better."""
        if self.treatment.worst is None or self.control.worst is None:
            return None
        return self.treatment.worst / self.control.worst

    @property
    def deviation_ratio(self) -> float | None:
        """Spread of the treatment over that of the control: below 1, the treatment is the steadier; None over 0."""
        if self.treatment.deviation is None or not self.control.deviation:
            return None
        return self.treatment.deviation / self.control.deviation

    @property
    def sentence(self) -> str:
        """The same in words."""
        name, other = self.treatment.arm.name, self.control.arm.name
        if self.worst_ratio is None:
            return f"{name}: stability cannot be compared with {other}, no seed is done in both{self._lost()}."
        text = (
            f"{name}: worst FD of {self.pairs} {'seed' if self.pairs == 1 else 'seeds'} "
            f"{self.treatment.worst:.4g} against {self.control.worst:.4g} of {other} (× {self.worst_ratio:.2f})"
        )
        if self.treatment.deviation is not None and self.control.deviation is not None:
            text += (
                f"; standard deviation of log FD over seeds {self.treatment.deviation:.2g} "
                f"against {self.control.deviation:.2g}"
            )
        if self.p_holm is not None:
            text += f" (Holm-corrected p = {self.p_holm:.2g} of equal spread)"
        return text + self._lost() + "."

    def _lost(self) -> str:
        lost = [f"{arm.diverged} of {arm.arm.name}" for arm in (self.treatment, self.control) if arm.diverged]
        return f"; diverged, so not in it: {' and '.join(lost)}" if lost else ""


def stability(experiment: Experiment) -> list[Stability]:
    """Each treatment against the control of its group, group by group."""
    rows = [
        _row(arm, group.control) for group in experiment.groups if group.control is not None for arm in group.treatments
    ]
    corrected = iter(holm([row.p for row in rows if row.p is not None]))
    return [replace(row, p_holm=next(corrected)) if row.p is not None else row for row in rows]


def pitman_morgan(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Two-sided p-value of equal variances of paired samples x, y: (n,); None where sums or differences are constant.

    n >= 3, else `ValueError` (of scipy).
    """
    sums, differences = np.add(x, y), np.subtract(x, y)
    scale = np.abs(x).max() + np.abs(y).max()
    if min(np.ptp(sums), np.ptp(differences)) <= 1e-12 * scale:
        return None
    return float(stats.pearsonr(sums, differences).pvalue)


def _row(treatment: Arm, control: Arm) -> Stability:
    logs, others = _logs(treatment), _logs(control)
    seeds = sorted(logs.keys() & others.keys())
    p = None
    if len(seeds) >= MINIMUM_PAIRS:
        p = pitman_morgan([logs[seed] for seed in seeds], [others[seed] for seed in seeds])
    return Stability(_spread(treatment, logs, seeds), _spread(control, others, seeds), len(seeds), p)


def _logs(arm: Arm) -> dict[int, float]:
    return {run.seed: value for run in arm.runs if (value := _FD.on_scale(run)) is not None}


def _spread(arm: Arm, logs: Mapping[int, float], seeds: Sequence[int]) -> Spread:
    worst = max(seeds, key=lambda seed: logs[seed], default=None)
    return Spread(
        arm=arm,
        worst=None if worst is None else math.exp(logs[worst]),
        worst_seed=worst,
        deviation=float(np.std([logs[seed] for seed in seeds], ddof=1)) if len(seeds) > 1 else None,
        done=arm.count("done"),
        diverged=arm.count("diverged"),
    )
