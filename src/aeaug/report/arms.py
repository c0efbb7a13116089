"""What is compared: an arm's runs by seed, and the arms of one size of the training set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aeaug.evaluation.features import SPACES
from aeaug.evaluation.metric import Metric
from aeaug.run.records import RunRecord

__all__ = ["Arm", "Group", "floor_values", "spaces_of"]


@dataclass(frozen=True, eq=False)
class Arm:
    """All seeds of what was done, at one size of the training set, in the order of their subsets and seeds."""

    name: str
    n_train: int | None
    runs: tuple[RunRecord, ...]

    @property
    def settings(self) -> Mapping[str, str]:
        """What the arm does, in dotted keys."""
        return next((run.settings for run in self.runs if run.settings), {})

    def count(self, state: str) -> int:
        """Number of runs in that state."""
        return sum(run.state == state for run in self.runs)

    def values(
        self, metric: Metric, of: str | None = None, reading: str = "end", space: str | None = None
    ) -> list[float]:
        """The numbers of the runs that have one; in the leading feature space, if no other is named."""
        return [value for run in self.runs if (value := run.of(metric, of, reading, space)) is not None]


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


def floor_values(arms: Sequence[Arm], metric: Metric, of: str) -> list[float]:
    """The numbers of a floor over all runs of ``arms``. One that the runs of a subset and seed share counts once, so
    that no arm weighs more in it than another, and an arm with fewer seeds changes nothing."""
    found = ((run.key, run.of(metric, of)) for arm in arms for run in arm.runs)
    return [value for _, value in dict.fromkeys(found) if value is not None]


def spaces_of(runs: Iterable[RunRecord]) -> tuple[str, ...]:
    """The feature spaces that any of ``runs`` was measured in, the leading one first; of a run that is missing nothing
    is known."""
    return tuple(dict.fromkeys(space for run in runs if run.settings for space in run.spaces)) or SPACES
