r"""Whether the autoencoder's quality decides the GAN's: rank correlations over autoencoders.

Arms of one size that differ in nothing but their autoencoder are taken together, with the units (subset and seed) that
are done in all of them. Of each arm the mean over units of log FD of the GAN, and of what its autoencoder is worth by
itself on the validation slice: held-out squared error and FD of decoded images, in logarithms, and the share of labels
that decoded images keep. Then

    ρ = Spearman's rank correlation of the two, over the A arms.

Two questions, two kinds of uncertainty. Would other subsets and seeds order these same autoencoders alike? The interval
says that: 95% of 4,000 bootstraps, which draw units with replacement and take all arms along (percentiles; with few
units it is too narrow). Would other autoencoders show it? The p-value says that: the share of all permutations of the
arms whose |ρ| is as large, of more than eight arms of 20,000 from a fixed stream. Autoencoders were chosen and not
drawn, each differs from the default in one factor, and what else a factor changes (codes' spread, the kind of blur)
comes with it: a correlation is an order that was seen, and claims that change one thing say what it did.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from aeaug.report.arms import Arm, Group
from aeaug.report.results import Results
from aeaug.report.statistics.comparison import values_of
from aeaug.run.metrics import METRICS

__all__ = ["FEWEST_ARMS", "Association", "associations", "spearman"]

FEWEST_ARMS = 5
"""Of fewer no order has a p-value below 5%."""

_FD = METRICS["frechet_distance"]
_BOOTSTRAPS, _PERMUTATIONS = 4_000, 20_000
_EVERY = 8  # of so many arms all orders are looked at
_LOG = ("held_out_error", "perturbed_frechet")
QUALITIES = {
    "held_out_error": "held-out squared error",
    "perturbed_frechet": "FD of decoded images",
    "labels_kept": "labels that decoded images keep",
}
"""What an autoencoder is worth by itself, where ``@γ`` is left out, as tables name it."""

Floats = NDArray[np.float64]
_Key = tuple[int, int]


@dataclass(frozen=True)
class Association:
    """Of one quality, over ``arms`` of a ``group``: ``quality (A,)`` and ``fd (A,)``, means over ``units`` in the units
    of the metric (geometric ones of what is compared in logarithms); ``interval`` is None below two units."""

    group: Group
    arms: tuple[Arm, ...]
    key: str
    units: int
    quality: Floats
    fd: Floats
    rho: float
    interval: tuple[float, float] | None
    p: float

    @property
    def label(self) -> str:
        """What the quality is."""
        return QUALITIES[self.key]

    @property
    def logarithmic(self) -> bool:
        """Whether it is compared in logarithms."""
        return self.key in _LOG


@lru_cache(maxsize=8)
def associations(results: Results) -> tuple[Association, ...]:
    """Every quality in every set of at least `FEWEST_ARMS` arms that differ in their autoencoders alone, and in that
    quality; size by size."""
    found = []
    for place, group in enumerate(results.groups):
        known = _qualities(results, place)
        for arms in _alike(group):
            for key in QUALITIES:
                one = _association(group, arms, key, known)
                if one is not None:
                    found.append(one)
    return tuple(found)


def spearman(x: Floats, y: Floats) -> Floats:
    """Spearman's ρ along the last axis of ``x (…, A)`` and ``y (…, A)``, tied values with their mean rank; 0 where one
    of the two is constant."""
    ranks = [rankdata(values, axis=-1) for values in (x, y)]
    a, b = (one - one.mean(-1, keepdims=True) for one in ranks)
    scale = np.sqrt((a**2).sum(-1) * (b**2).sum(-1))
    rho: Floats = np.where(scale > 0, (a * b).sum(-1) / np.where(scale > 0, scale, 1.0), 0.0)
    return rho


def _alike(group: Group) -> list[tuple[Arm, ...]]:
    """Sets of arms that differ in their autoencoders alone."""
    found: dict[frozenset[tuple[str, str]], list[Arm]] = defaultdict(list)
    for arm in group.arms:
        if any(key.startswith("autoencoder.") for key in arm.settings):
            found[frozenset(item for item in arm.settings.items() if not item[0].startswith("autoencoder."))].append(
                arm
            )
    return [tuple(arms) for arms in found.values() if len(arms) >= FEWEST_ARMS]


def _qualities(results: Results, place: int) -> dict[tuple[str, str, _Key], float]:
    """Of the runs of a group, by arm, metric, and subset and seed."""
    rows = results.table
    rows = rows[(rows["set"] == "autoencoder") & (rows["group"] == place)].dropna(subset="value")
    found = rows[["arm", "metric", "subset", "seed", "value"]].itertuples(index=False)
    return {(arm, metric, (int(sub), int(seed))): float(value) for arm, metric, sub, seed, value in found}


def _association(
    group: Group, arms: tuple[Arm, ...], key: str, known: dict[tuple[str, str, _Key], float]
) -> Association | None:
    gamma = arms[0].settings.get("perturbation.gamma", "0")
    metric = key if key == "held_out_error" else f"{key}@{float(gamma):g}"
    fds = [values_of(arm, _FD) for arm in arms]
    units = [
        unit
        for unit in sorted(set.intersection(*map(set, fds)))
        if all((arm.name, metric, unit) in known for arm in arms)
    ]
    if not units:
        return None
    quality = np.array([[known[arm.name, metric, unit] for unit in units] for arm in arms])
    if key in _LOG:
        quality = np.log(quality)
    fd = np.array([[one[unit] for unit in units] for one in fds])
    means = quality.mean(1), fd.mean(1)
    if np.ptp(means[0]) == 0:  # nothing to order by
        return None
    rho, random = float(spearman(*means)), np.random.default_rng(0)
    drawn = random.integers(0, len(units), (_BOOTSTRAPS, len(units)))
    boots = spearman(*(values[:, drawn].mean(-1).T for values in (quality, fd)))
    low, high = np.quantile(boots, [0.025, 0.975])
    return Association(
        group,
        arms,
        key,
        len(units),
        np.exp(means[0]) if key in _LOG else means[0],
        np.exp(means[1]),
        rho,
        (float(low), float(high)) if len(units) > 1 else None,
        _p(*means, abs(rho), random),
    )


def _p(quality: Floats, fd: Floats, rho: float, random: np.random.Generator) -> float:
    """The share of orders of ``fd: (A,)`` whose |ρ| with ``quality: (A,)`` is ``rho`` or more, the one that was seen
    among them."""
    every = len(fd) <= _EVERY
    orders = (
        fd[np.array([*permutations(range(len(fd)))])]
        if every
        else (random.permuted(np.tile(fd, (_PERMUTATIONS, 1)), axis=1))
    )
    reached = int((np.abs(spearman(np.broadcast_to(quality, orders.shape), orders)) >= rho - 1e-12).sum())
    return reached / factorial(len(fd)) if every else (1 + reached) / (1 + _PERMUTATIONS)
