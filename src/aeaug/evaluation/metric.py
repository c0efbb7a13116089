"""What a metric is: how a number is called, read and compared, and how a set of images is measured.

Two numbers are compared by their difference on the metric's scale. Distances and seconds are ratio
quantities, compared on the logarithmic scale, where a difference d is the relative change exp(d) - 1; everything else
is compared on its natural one, in its own units. What may be negative has no logarithm.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, TypeVar

from torch import Tensor

__all__ = [
    "GROUPS",
    "Better",
    "Group",
    "Keep",
    "Measure",
    "Measurement",
    "Metric",
    "Metrics",
    "Reference",
    "Sample",
    "Scale",
    "Spaces",
    "directly",
]

T = TypeVar("T")

Better = Literal["lower", "higher", "neither"]
Scale = Literal["log", "natural"]
Group = Literal["distance", "fidelity", "diversity", "copying", "overfitting", "leak", "cost", "stability"]

GROUPS: dict[Group, str] = {
    "distance": "Distance to real images",
    "fidelity": "Do images look real?",
    "diversity": "Is the variety there?",
    "copying": "Generalisation or copies?",
    "overfitting": "Overfitting of the discriminator",
    "leak": "Leak of the autoencoder",
    "stability": "Stability",
    "cost": "Cost",
}
"""What metrics tell, in the order in which tables show them."""

Metrics = dict[str, int | float | list[float] | None]
"""A set's numbers by key, as `metrics.json` holds them."""

Spaces = dict[str, Metrics]
"""A set's numbers by feature space and key."""


@dataclass(frozen=True)
class Metric:
    """One reported number, declared once.

    Attributes:
        key: its name in files, claims and options.
        label: its name in tables and figures.
        better: which side is; "neither" is read against a value of its own (0 for a gap), so that both may be bad.
        scale: on which two numbers are compared.
        decimals: in which it is read.
        meaning: half a sentence for a caption.
        group: the table it stands in, and its group in TensorBoard.
        place: where a run's own number is read: of its "generated" images, beside the same number of other sets of
            images, its floors; or of the "run" as a whole, which has none.
        in_fd: it has the unit of FD, and is read as finely.
        binary: it is 0 or 1.
        caution: what it does not tell, half a sentence that stands beside every verdict on it.
        read_by: the keys of those metrics of the same pairs that stand beside it then.
        parts: of the test images, without each of which it is measured too (:meth:`without`); 0 where it is not.
    """

    key: str
    label: str
    better: Better
    scale: Scale
    decimals: int
    meaning: str
    group: Group
    place: Literal["generated", "run"] = "generated"
    in_fd: bool = False
    binary: bool = False
    caution: str = ""
    read_by: tuple[str, ...] = ()
    parts: int = 0

    @property
    def without_key(self) -> str:
        """Under which a run's metrics have the numbers without each part of the test images."""
        return f"{self.key}_without"

    def without(self, part: int) -> Self:
        """The same number without that part of the test images: a record, which is compared and stands in no table."""
        return replace(self, key=f"{self.without_key}_{part}", parts=0)

    @property
    def tag(self) -> str:
        """Its name in TensorBoard."""
        return f"{self.group}/{self.key}"

    def bounds(self, effect: float) -> tuple[float, float]:
        """An effect of size ``effect`` downwards and upwards, on the scale: -5% and +5% of a log metric for 0.05.

        ``effect`` is in (0, 1) on a log metric, positive otherwise.
        """
        if self.scale == "natural":
            return -effect, effect
        assert 0 < effect < 1, f"a relative change of {effect} downwards does not exist"
        return math.log1p(-effect), math.log1p(effect)


@dataclass(frozen=True)
class Sample:
    """A set to be measured, in one feature space.

    ``images (N, C, H, W)`` in [-1, 1]; ``features (N, F)``, float64; ``logits (N, K)``, ``(N, 0)`` in a space
    without classes; ``more (M, F)``: features of more images from where these come from, where real images are few.
    One object is measured against one reference.
    """

    images: Tensor
    features: Tensor
    logits: Tensor
    more: Tensor | None = None
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, compute: Callable[[], T]) -> T:
        """What ``compute()`` returns; for whichever metrics need what ``name`` says, it is computed once."""
        if name not in self._known:
            self._known[name] = compute()
        found: T = self._known[name]
        return found


Keep = Callable[[str, Callable[..., Tensor], Tensor], Tensor]
"""``keep(name, compute, of)``: what ``compute(of)`` returns, from wherever it was kept.

``name`` says what is computed, with all that it depends on besides ``of`` and the code."""


def directly(name: str, compute: Callable[..., Tensor], of: Tensor) -> Tensor:
    """Keep nothing."""
    return compute(of)


@dataclass(frozen=True)
class Reference:
    """What sets of images are measured against, in one feature space.

    Attributes:
        images: ``(N, C, H, W)`` in [-1, 1], real ones.
        features: ``(N, F)``, float64.
        labels: ``(N,)`` int64; None for the curves' reference, as are all that follow.
        train: features of at most N training images ``(M, F)``, float64.
        beside: ``(L,)`` positions in the reference of as many images or, where a class runs out, L < M; they have the
            classes that the first L of the training images have.
        balanced: whether the reference is class-balanced by construction.
        seed: of what is random in the metrics.
        classifier_steps: of the training of a small classifier.
        keep: for what takes long and depends on the reference's features, or the training images', alone.
    """

    images: Tensor
    features: Tensor
    labels: Tensor | None = None
    train: Tensor | None = None
    beside: Tensor | None = None
    balanced: bool = False
    seed: int = 0
    classifier_steps: int = 1
    keep: Keep = directly


Measure = Callable[[Sample], Mapping[str, int | float | list[float] | None]]


@dataclass(frozen=True)
class Measurement:
    """The numbers that one file of :mod:`aeaug.evaluation.metrics` makes of a set of images.

    Attributes:
        metrics: what it declares; its measure may return more keys, which are records and no metrics.
        prepare: what depends on the reference alone, done once; returns what measures any number of sets.
        over_training: whether it is measured on the validation slice over training too; then it needs nothing of a
            reference but its features.
        everywhere: whether it is measured in every feature space; otherwise in the leading one alone.
        of_classes: whether it reads logits; then it is measured in the first space that has classes, if any has.
        pairs_of_gaussians: whether it fits Gaussians to halves of a set, for which it needs 2 (F + 1) images.
        of_few: whether it is of few real images (:mod:`aeaug.evaluation.few_images`), and measured of such alone.
        rank: its place in tables among the others, smallest first.
    """

    metrics: tuple[Metric, ...]
    prepare: Callable[[Reference], Measure]
    over_training: bool = False
    everywhere: bool = False
    of_classes: bool = False
    pairs_of_gaussians: bool = False
    of_few: bool = False
    rank: int = 100
