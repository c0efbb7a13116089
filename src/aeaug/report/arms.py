"""What is compared: a run and its numbers, an arm's runs by seed, and the arms of one size of the training set."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from aeaug.evaluation.metric import Metric
from aeaug.run.claims import Claim

__all__ = ["Arm", "Group", "Run", "Statement"]


@dataclass(frozen=True)
class Statement:
    """A claim as a run states it: ``images`` had been shown to its discriminator when it was ``stated``."""

    claim: Claim
    stated: str
    images: int


@dataclass(frozen=True)
class Run:
    """One run: ``numbers`` at its end by set of images and metric, ``notes`` on them, and what its config says."""

    experiment: str
    arm: str
    n_train: int | None
    seed: int
    state: str
    numbers: Mapping[tuple[str, str], float] = field(default_factory=dict)
    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()

    @property
    def label(self) -> str:
        """How errors name the run."""
        size = "" if self.n_train is None else f",data.n_train={self.n_train}"
        return f"{self.arm}{size}/seed={self.seed}"

    def of(self, metric: Metric, of: str | None = None) -> float | None:
        """Its number, or that of another set of images, a floor; None where it was not measured or is not finite."""
        value = self.numbers.get((of or metric.place, metric.key), math.nan)
        return value if math.isfinite(value) else None

    def on_scale(self, metric: Metric) -> float | None:
        """What pairs are made of: the number on the metric's scale; None also where it has no logarithm."""
        value = self.of(metric)
        if value is None or metric.scale == "natural":
            return value
        return math.log(value) if value > 0 else None


@dataclass(frozen=True, eq=False)
class Arm:
    """All seeds of what was done, at one size of the training set, in the order of their seeds."""

    name: str
    n_train: int | None
    runs: tuple[Run, ...]

    @property
    def settings(self) -> Mapping[str, str]:
        """What the arm does, in dotted keys."""
        return next((run.settings for run in self.runs if run.settings), {})

    def count(self, state: str) -> int:
        """Number of runs in that state."""
        return sum(run.state == state for run in self.runs)

    def values(self, metric: Metric, of: str | None = None) -> list[float]:
        """The numbers of the runs that have one."""
        return [value for run in self.runs if (value := run.of(metric, of)) is not None]


@dataclass(frozen=True, eq=False)
class Group:
    """The arms of one family on ``n_train`` images, controls first. ``controls``: by the name of a treatment, the arm
    it is compared with; none where nothing says which that is."""

    family: str
    n_train: int | None
    arms: tuple[Arm, ...]
    controls: Mapping[str, Arm]

    @property
    def size(self) -> str:
        """The size in words: the number of training images, or ``all``."""
        return "all" if self.n_train is None else f"{self.n_train:,}"

    @property
    def control(self) -> Arm | None:
        """The one control of all treatments; None where there is none, or more than one."""
        names = {arm.name for arm in self.controls.values()}
        return next(iter(self.controls.values())) if len(names) == 1 else None

    @property
    def compared(self) -> tuple[tuple[Arm, Arm], ...]:
        """Every treatment with its control."""
        return tuple((arm, self.controls[arm.name]) for arm in self.arms if arm.name in self.controls)
