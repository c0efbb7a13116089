"""Every number of a run that can be compared: those of its images, and here those of the run itself.

A run's own metrics are declared here with where they are read in its files: what leaked from the autoencoder, how the
discriminator overfits at the end of training, whether the run diverged, what it cost.
"""

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aeaug.evaluation.metric import Metric
from aeaug.evaluation.metrics import METRICS as OF_IMAGES

__all__ = ["METRICS", "Files", "RunMetric"]

_GIB = 2**30


@dataclass(frozen=True)
class Files:
    """What a run's folder holds, as it stands there; empty for a file that is not there."""

    config: Mapping[str, Any] = field(default_factory=dict)
    status: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()

    @property
    def state(self) -> str:
        """running, done, diverged, failed, interrupted; missing where nothing says it."""
        return str(self.status.get("state", "missing"))


@dataclass(frozen=True)
class RunMetric(Metric):
    """A number of a run that is not one of a set of images. ``read``: where it stands, None where it is not there.

    ``of_diverged``: a run that diverged has it too; the others are of runs that came to the end of their budget.
    """

    read: Callable[[Files], float | None] = field(default=lambda files: None, repr=False, compare=False)
    of_diverged: bool = False


def _leak(key: str) -> Callable[[Files], float | None]:
    return lambda files: (files.metrics.get("leak") or {}).get(key)


def _last(key: str) -> Callable[[Files], float | None]:
    """One number of the discriminator at the last evaluation of the training."""
    return lambda files: (files.history[-1].get("discriminator") or {}).get(key) if files.history else None


def _logit_gap(files: Files) -> float | None:
    train, validation = _last("logit_train")(files), _last("logit_validation")(files)
    return None if train is None or validation is None else train - validation


def _seconds(*stages: str) -> Callable[[Files], float | None]:
    """Seconds of these stages together, of all without any; None where none was timed."""

    def read(files: Files) -> float | None:
        seconds = files.status.get("seconds") or {}
        found = [seconds[stage] for stage in stages or seconds if stage in seconds]
        return sum(found) if found else None

    return read


def _rate(files: Files) -> float | None:
    """Augmentation happens while the GAN trains, but its seconds are told apart from the GAN's: both count here."""
    seconds = _seconds("gan", "augmentation")(files) if _seconds("gan")(files) else None
    return files.status["images"] / seconds if seconds else None


def _augmentation_per_epoch(files: Files) -> float | None:
    seconds, budget = _seconds("augmentation")(files), files.metrics.get("budget") or {}
    return None if seconds is None or not budget else seconds * budget["images_per_epoch"] / budget["images"]


def _memory(*which: str) -> Callable[[Files], float | None]:
    def read(files: Files) -> float | None:
        peak = files.status.get("peak_memory") or {}
        held = next((peak[key] for key in which if peak.get(key) is not None), None)
        return None if held is None else held / _GIB

    return read


def _parameters(network: str) -> Callable[[Files], float | None]:
    return lambda files: (files.metrics.get("parameters") or {}).get(network)


def _of_run(
    key: str,
    label: str,
    better: Any,
    scale: Any,
    decimals: int,
    meaning: str,
    group: Any,
    read: Callable[[Files], float | None],
    **more: Any,
) -> RunMetric:
    place = more.pop("place", "run")
    return RunMetric(key, label, better, scale, decimals, meaning, group, place, read=read, **more)


_OF_RUNS = (
    _of_run(
        "leak_share",
        "leak share",
        "lower",
        "natural",
        3,
        "share of images taken for decoded ones",
        "leak",
        _leak("share_generated"),
        place="generated",
    ),
    _of_run(
        "leak_frechet",
        "leak FD",
        "higher",
        "natural",
        2,
        "FD to decoded minus FD to test images; negative: closer to decoded ones",
        "leak",
        _leak("frechet_difference"),
        place="generated",
        in_fd=True,
    ),
    _of_run(
        "leak_frechet_to_reconstructed",
        "FD to decoded",
        "higher",
        "log",
        2,
        "FD to reconstructed training images",
        "leak",
        _leak("frechet_to_reconstructed"),
        place="generated",
        in_fd=True,
    ),
    _of_run(
        "leak_held_out_accuracy",
        "leak classifier",
        "neither",
        "natural",
        3,
        "accuracy on held-out images of the classifier that leak share is read with",
        "leak",
        _leak("held_out_accuracy"),
        place="generated",
    ),
    _of_run(
        "r_v",
        "r_v",
        "lower",
        "natural",
        3,
        "the discriminator's overfitting: 0 none, 1 validation looks fake",
        "overfitting",
        _last("r_v"),
    ),
    _of_run(
        "r_t",
        "r_t",
        "neither",
        "natural",
        3,
        "E sign D(train): near 1, training images are all called real",
        "overfitting",
        _last("r_t"),
    ),
    _of_run(
        "logit_gap",
        "logit gap",
        "lower",
        "natural",
        3,
        "D(train) minus D(validation), means of logits",
        "overfitting",
        _logit_gap,
    ),
    _of_run(
        "diverged",
        "diverged",
        "lower",
        "natural",
        2,
        "1 where training diverged, 0 where it came to its end",
        "stability",
        lambda files: float(files.state == "diverged") if files.state in ("done", "diverged") else None,
        of_diverged=True,
    ),
    _of_run(
        "seconds_gan",
        "GAN (s)",
        "lower",
        "log",
        1,
        "seconds of GAN training, augmentation apart",
        "cost",
        _seconds("gan"),
    ),
    # An arm that injects nothing spends none here, and nothing has no logarithm.
    _of_run(
        "seconds_augmentation",
        "augmentation (s)",
        "lower",
        "natural",
        1,
        "seconds of perturbing and decoding over the whole training",
        "cost",
        _seconds("augmentation"),
    ),
    _of_run(
        "seconds_augmentation_epoch",
        "augmentation, an epoch (s)",
        "lower",
        "natural",
        3,
        "seconds of perturbing and decoding an epoch",
        "cost",
        _augmentation_per_epoch,
    ),
    _of_run(
        "seconds_autoencoder",
        "autoencoder (s)",
        "lower",
        "natural",
        1,
        "seconds of the autoencoder's training, in whichever run it was trained",
        "cost",
        _seconds("autoencoder"),
    ),
    _of_run(
        "seconds_training",
        "training (s)",
        "lower",
        "log",
        1,
        "seconds that led to the generator: autoencoder, augmentation and GAN",
        "cost",
        _seconds("autoencoder", "augmentation", "gan"),
    ),
    _of_run(
        "seconds_evaluation",
        "evaluation (s)",
        "lower",
        "log",
        1,
        "seconds of measuring, over training and at the end",
        "cost",
        _seconds("evaluation"),
    ),
    _of_run("seconds_total", "total (s)", "lower", "log", 1, "seconds of all stages together", "cost", _seconds()),
    _of_run(
        "images_per_second",
        "images/s",
        "higher",
        "log",
        0,
        "images shown to the discriminator a second of training, augmentation included",
        "cost",
        _rate,
    ),
    _of_run(
        "peak_memory",
        "memory (GiB)",
        "lower",
        "natural",
        2,
        "most memory held: of the GPU, else the host",
        "cost",
        _memory("device_bytes", "host_bytes"),
    ),
    _of_run(
        "peak_memory_host",
        "host memory (GiB)",
        "lower",
        "natural",
        2,
        "most memory held by the process",
        "cost",
        _memory("host_bytes"),
    ),
    *(
        _of_run(
            f"parameters_{network}",
            f"{network} parameters",
            "lower",
            "log",
            0,
            f"weights of the {network}",
            "cost",
            _parameters(network),
        )
        for network in ("generator", "discriminator", "autoencoder")
    ),
)

METRICS: Mapping[str, Metric] = ChainMap({metric.key: metric for metric in _OF_RUNS}, OF_IMAGES)
"""Every metric by its key, those of images first, in the order of tables."""
