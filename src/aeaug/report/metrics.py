"""Everything that a run reports as one number: what it is called, on which scale it is compared, which side is better.

Two runs are compared by the difference of their numbers on the metric's scale (design, section 5). Distances and
seconds are ratio quantities and are compared on the logarithmic scale, where a difference d is the relative change
exp(d) - 1; everything else on its natural one, in its own units. FD extrapolated to infinitely many samples, the
kernel distance and the gaps may be negative, so that they have no logarithm.

A metric without a better side ("neither") is one that is read against a value of its own (0 for a gap, 0.6 for
r_t), so that both more and less of it may be bad.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from aeaug.report.records import Discriminator, Leak, Metrics, Run

__all__ = ["METRICS", "Better", "Metric", "Scale"]

Better = Literal["lower", "higher", "neither"]
Scale = Literal["log", "natural"]

_GIB = 2**30


@dataclass(frozen=True)
class Metric:
    """One reported number. `places`: decimals in which it is read; `meaning`: half a sentence for a caption."""

    key: str
    label: str
    better: Better
    scale: Scale
    places: int
    meaning: str
    read: Callable[[Run], float | None] = field(repr=False, compare=False)
    measure: Callable[[Metrics], float | None] | None = field(default=None, repr=False, compare=False)

    def of(self, run: Run) -> float | None:
        """The number of one run; None where the run is not done, or the number not measured or not finite."""
        return _finite(self.read(run)) if run.state == "done" else None

    def of_floor(self, run: Run, name: str) -> float | None:
        """The same number of the floor `name` of a run; None as for `of`, and where this metric has no floors."""
        floor = run.floor(name)
        return _finite(self.measure(floor)) if floor is not None and self.measure is not None else None

    def on_scale(self, run: Run) -> float | None:
        """What pairs are made of: `of` on the metric's scale; None also where it has no logarithm."""
        value = self.of(run)
        if value is None or self.scale == "natural":
            return value
        return math.log(value) if value > 0 else None

    def bounds(self, effect: float) -> tuple[float, float]:
        """An effect of size `effect` downwards and upwards, on the scale: -5% and +5% of a log metric for 0.05.

        `effect` is in (0, 1) on a log metric, positive otherwise.
        """
        if self.scale == "natural":
            return -effect, effect
        assert 0 < effect < 1, f"a relative change of {effect} downwards does not exist"
        return math.log1p(-effect), math.log1p(effect)


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _tested(key: str, label: str, better: Better, places: int, meaning: str, *, scale: Scale = "natural") -> Metric:
    """One number of an evaluation on the test split, under the name it has there."""

    def measure(metrics: Metrics) -> float | None:
        value: float | None = getattr(metrics, key)
        return value

    def read(run: Run) -> float | None:
        return measure(run.test) if run.test is not None else None

    return Metric(key, label, better, scale, places, meaning, read, measure)


def _leaked(key: str, label: str, better: Better, places: int, meaning: str, of: Callable[[Leak], float]) -> Metric:
    def read(run: Run) -> float | None:
        leak = run.results.leak if run.results is not None else None
        return of(leak) if leak is not None else None

    return Metric(key, label, better, "natural", places, meaning, read)


def _judged(key: str, label: str, better: Better, meaning: str, of: Callable[[Discriminator], float | None]) -> Metric:
    """One number of the discriminator at the last evaluation of the training."""

    def read(run: Run) -> float | None:
        last = run.history[-1].discriminator if run.history else None
        return of(last) if last is not None else None

    return Metric(key, label, better, "natural", 3, meaning, read)


def _timed(stage: str) -> Callable[[Run], float | None]:
    return lambda run: run.status.seconds.get(stage) if run.status is not None else None


def _total(run: Run) -> float | None:
    return sum(run.status.seconds.values()) if run.status is not None and run.status.seconds else None


def _rate(run: Run) -> float | None:
    """Augmentation happens while the GAN trains, but its seconds are told apart from the GAN's: both count here."""
    if run.status is None or not (gan := run.status.seconds.get("gan")):
        return None
    return run.status.images / (gan + run.status.seconds.get("augmentation", 0.0))


def _memory(run: Run) -> float | None:
    peak = run.status.peak_memory if run.status is not None else None
    if peak is None:
        return None
    held = peak.device_bytes if peak.device_bytes is not None else peak.host_bytes
    return held / _GIB if held is not None else None


_ALL = (
    _tested("frechet_distance", "FD", "lower", 2, "Fréchet distance to the test split", scale="log"),
    _tested("frechet_distance_infinity", "FD∞", "lower", 2, "FD extrapolated to infinitely many samples"),
    _tested("kernel_distance", "KID", "lower", 4, "kernel distance to the test split, unbiased"),
    _tested("classifier_score", "classifier score", "higher", 2, "exp E KL(p(y|x) ‖ p(y)) of the feature net, 1 to 10"),
    _tested("accuracy_score", "accuracy score", "higher", 3, "test accuracy of a classifier trained on the images"),
    _tested("precision", "precision", "higher", 3, "share of generated images that look real (k = 3)"),
    _tested("recall", "recall", "higher", 3, "share of real images that the generator covers (k = 3)"),
    _tested("density", "density", "higher", 3, "how densely generated images lie among real ones (k = 5)"),
    _tested("coverage", "coverage", "higher", 3, "share of real images with a generated one near (k = 5)"),
    _tested("class_kl", "class KL", "lower", 4, "KL of the class histogram to the even one, in nats"),
    _tested("modes", "modes", "higher", 0, "classes that are generated at all, of 10"),
    _tested("confident_share", "confident share", "higher", 3, "share labelled with probability 0.9 or more"),
    _tested("frechet_gap", "FD gap", "neither", 2, "FD to train minus FD to test; negative: closer to train"),
    _tested("authenticity", "authenticity", "higher", 3, "share of images that copy no training image"),
    _tested(
        "data_copying", "data copying C_T", "neither", 2, "negative: copies of training images; 0: as a new sample"
    ),
    _leaked(
        "leak_share", "leak share", "lower", 3, "share of images taken for decoded ones", lambda k: k.share_generated
    ),
    _leaked(
        "leak_frechet",
        "leak FD",
        "higher",
        2,
        "FD to decoded minus FD to test images; negative: closer to decoded ones",
        lambda k: k.frechet_difference,
    ),
    _judged("r_v", "r_v", "lower", "the discriminator's overfitting: 0 none, 1 validation looks fake", lambda d: d.r_v),
    _judged("r_t", "r_t", "neither", "E sign D(train): near 1, training images are all called real", lambda d: d.r_t),
    _judged(
        "logit_gap",
        "logit gap",
        "lower",
        "D(train) minus D(validation), means of logits",
        lambda d: d.logit_train - d.logit_validation,
    ),
    Metric("seconds_gan", "GAN (s)", "lower", "log", 1, "seconds of GAN training, augmentation apart", _timed("gan")),
    Metric("seconds_total", "total (s)", "lower", "log", 1, "seconds of all stages together", _total),
    # An arm that injects nothing spends none here, and nothing has no logarithm.
    Metric(
        "seconds_autoencoder",
        "autoencoder (s)",
        "lower",
        "natural",
        1,
        "seconds of the autoencoder's training, in whichever run it was trained",
        _timed("autoencoder"),
    ),
    Metric(
        "seconds_augmentation",
        "augmentation (s)",
        "lower",
        "natural",
        1,
        "seconds of perturbing and decoding over the whole training",
        _timed("augmentation"),
    ),
    Metric(
        "images_per_second",
        "images/s",
        "higher",
        "log",
        0,
        "images shown to the discriminator a second of training, augmentation included",
        _rate,
    ),
    Metric(
        "peak_memory", "memory (GiB)", "lower", "natural", 2, "most memory held: of the GPU, else the host", _memory
    ),
)
METRICS: dict[str, Metric] = {metric.key: metric for metric in _ALL}
"""Every metric by its key, in the order in which tables show them."""
