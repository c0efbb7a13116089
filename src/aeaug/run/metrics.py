"""Every number of a run that can be compared: those of its images, and here those of the run itself.

A run's own metrics are declared here with where they are read in its files: what leaked from the autoencoder, how the
discriminator overfits at the end of training, whether the run diverged, what it cost.
"""

import math
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from aeaug.evaluation.metric import Better, Metric, Scale
from aeaug.evaluation.metrics import MEASUREMENTS
from aeaug.evaluation.metrics import METRICS as OF_IMAGES
from aeaug.run.files import Files

__all__ = ["IN_EVERY_SPACE", "METRICS", "OF_CLASSES", "TIMED", "WORK", "RunMetric"]

IN_EVERY_SPACE = tuple(
    metric.key for measurement in MEASUREMENTS.values() if measurement.everywhere for metric in measurement.metrics
)
"""The metrics that are measured in every feature space; the others are in the leading one alone."""

OF_CLASSES = tuple(
    metric.key for measurement in MEASUREMENTS.values() if measurement.of_classes for metric in measurement.metrics
)
"""Those that are measured in the first space that has classes."""

_GIB = 2**30


Read = Callable[[Files], float | None]


@dataclass(frozen=True)
class RunMetric(Metric):
    """A number of a run that is not one of a set of images. ``read``: where it stands, None where it is not there.

    ``of_diverged``: a run that diverged has it too; the others are of runs that came to the end of their budget.
    """

    read: Read = field(default=lambda files: None, repr=False, compare=False)
    of_diverged: bool = False


def _leak(key: str) -> Read:
    return lambda files: (files.metrics.get("leak") or {}).get(key)


def _modes(key: str) -> Read:
    """Of the generator at the end of the budget; None where images have no channels that are images of their own."""
    return lambda files: (((files.metrics.get("readings") or {}).get("end") or {}).get("modes") or {}).get(key)


def _last(key: str) -> Read:
    """One number of the discriminator at the last evaluation of the training."""
    return lambda files: (files.history[-1].get("discriminator") or {}).get(key) if files.history else None


def _logit_gap(files: Files) -> float | None:
    train, validation = _last("logit_train")(files), _last("logit_validation")(files)
    return None if train is None or validation is None else train - validation


def _late_change(files: Files) -> float | None:
    """FD at the last reading over that after a fifth of its images shown, where log FD is linear in log images between
    two readings; None where nothing was read by then."""
    read = [(point["images"], point.get("frechet_distance")) for point in files.history]
    points = [
        (images, value) for images, value in read if images and isinstance(value, int | float) and 0 < value < math.inf
    ]
    if not points or points[0][0] > points[-1][0] / 5:
        return None
    images, values = np.log(points).T
    return math.exp(values[-1] - np.interp(images[-1] - math.log(5), images, values))


def _seconds(*stages: str) -> Read:
    """Seconds of these stages together; None where none was timed."""

    def read(files: Files) -> float | None:
        seconds = files.status.get("seconds") or {}
        found = [seconds[stage] for stage in stages if stage in seconds]
        return sum(found) if found else None

    return read


def _all_but_shared(files: Files) -> float | None:
    """Who comes first makes what is kept for others: whose seconds they are says nothing of an arm."""
    found = [seconds for stage, seconds in (files.status.get("seconds") or {}).items() if stage != "shared"]
    return sum(found) if found else None


def _rate(files: Files) -> float | None:
    """Augmentation happens while the GAN trains, but its seconds are told apart from the GAN's: both count here."""
    seconds = _seconds("gan", "augmentation")(files) if _seconds("gan")(files) else None
    return files.status["images"] / seconds if seconds else None


def _augmentation_per_epoch(files: Files) -> float | None:
    seconds, budget = _seconds("augmentation")(files), files.metrics.get("budget") or {}
    shown = (files.metrics.get("work") or {}).get("shown")
    return None if seconds is None or not budget or not shown else seconds * budget["images_per_epoch"] / shown


def _memory(*which: str) -> Read:
    def read(files: Files) -> float | None:
        peak = files.status.get("peak_memory") or {}
        held = next((peak[key] for key in which if peak.get(key) is not None), None)
        return None if held is None else held / _GIB

    return read


def _parameters(network: str) -> Read:
    return lambda files: (files.metrics.get("parameters") or {}).get(network)


def _work(key: str) -> Read:
    """Images that went through the training, as counted."""
    return lambda files: (files.metrics.get("work") or {}).get(key)


def _synthetic_share(files: Files) -> float | None:
    """None in an arm that injects nothing: it has no such share."""
    shown, synthetic = _work("shown")(files), _work("synthetic")(files)
    injects = (files.config.get("augmentation") or {}).get("name") != "none"
    return synthetic / shown if injects and shown and synthetic is not None else None


def _gate(key: str) -> Read:
    """None in a run without a gate."""

    def read(files: Files) -> float | None:
        found = (files.metrics.get("gate") or {}).get(key)
        return None if found is None else float(found)

    return read


def _acceptance(files: Files) -> float | None:
    """None where nothing is filtered."""
    drawn, accepted = _work("drawn")(files), _work("accepted")(files)
    return accepted / drawn if drawn and accepted is not None else None


def _leaked(key: str, label: str, better: Better, decimals: int, meaning: str, of: str, in_fd: bool) -> RunMetric:
    return RunMetric(key, label, better, "natural", decimals, meaning, "leak", in_fd=in_fd, read=_leak(of))


def _judged(key: str, label: str, better: Better, meaning: str, read: Read, caution: str = "") -> RunMetric:
    return RunMetric(
        key,
        label,
        better,
        "natural",
        3,
        meaning,
        "overfitting",
        "run",
        caution=caution,
        read_by=("frechet_distance",) * bool(caution),
        read=read,
    )


def _cost(key: str, label: str, decimals: int, meaning: str, read: Read, scale: Scale = "log") -> RunMetric:
    return RunMetric(key, label, "lower", scale, decimals, meaning, "cost", "run", read=read)


def _counted(key: str, label: str, meaning: str, of: str) -> RunMetric:
    """One of the three readings of equal work."""
    return RunMetric(key, label, "neither", "log", 0, meaning, "cost", "run", read=_work(of), of_diverged=True)


_OF_RUNS = (
    RunMetric(
        "modes_covered",
        "modes covered",
        "higher",
        "natural",
        0,
        "of 1,000 modes of stacked images, those that 26,000 generated ones have",
        "diversity",
        "run",
        read=_modes("covered"),
    ),
    RunMetric(
        "mode_kl",
        "mode KL",
        "lower",
        "natural",
        3,
        "KL of the modes of 26,000 generated stacked images to the even ones, in nats",
        "diversity",
        "run",
        read=_modes("kl"),
    ),
    _counted("images_shown", "images shown", "images shown to the discriminator, real and synthetic", "shown"),
    _counted("images_real", "real images shown", "real ones among the images shown", "real"),
    _counted(
        "discriminator_passes",
        "discriminator passes",
        "images that went forward through the discriminator in training, its penalty and the generator's step included,"
        " not what perturbations and filters ask of it",
        "discriminator",
    ),
    RunMetric(
        "synthetic_share",
        "synthetic share",
        "neither",
        "natural",
        4,
        "share of synthetic images among all that the discriminator was shown as real, as counted",
        "cost",
        "run",
        read=_synthetic_share,
        of_diverged=True,
    ),
    RunMetric(
        "acceptance_rate",
        "accepted",
        "neither",
        "natural",
        3,
        "share of the synthetic images made that the filter accepted; in place of others real ones were shown at last",
        "cost",
        "run",
        read=_acceptance,
        of_diverged=True,
    ),
    RunMetric(
        "gate_value",
        "gate",
        "neither",
        "natural",
        3,
        "what the gate measured of the autoencoder, held-out error or share of labels kept",
        "cost",
        "run",
        read=_gate("value"),
        of_diverged=True,
    ),
    RunMetric(
        "gate_passed",
        "gate passed",
        "higher",
        "natural",
        2,
        "1 where the autoencoder passed its gate, 0 where it did not, and nothing was injected",
        "cost",
        "run",
        read=_gate("passed"),
        binary=True,
        of_diverged=True,
    ),
    _leaked("leak_share", "leak share", "lower", 3, "share of images taken for decoded ones", "share_generated", False),
    _leaked(
        "leak_frechet",
        "leak FD",
        "higher",
        2,
        "FD to decoded minus FD to test images; negative: closer to decoded ones",
        "frechet_difference",
        True,
    ),
    _leaked(
        "leak_frechet_to_reconstructed",
        "FD to decoded",
        "higher",
        2,
        "FD to reconstructed training images",
        "frechet_to_reconstructed",
        True,
    ),
    _leaked(
        "leak_held_out_accuracy",
        "leak classifier",
        "neither",
        3,
        "accuracy on held-out images of the classifier that leak share is read with",
        "held_out_accuracy",
        False,
    ),
    _judged(
        "r_v",
        "r_v",
        "lower",
        "the discriminator's overfitting: 0 none, 1 validation looks fake",
        _last("r_v"),
        "r_v is relative to how far generated images are told from real ones: it falls where they are worse, too",
    ),
    _judged("r_t", "r_t", "neither", "E sign D(train): near 1, training images are all called real", _last("r_t")),
    _judged("logit_gap", "logit gap", "lower", "D(train) minus D(validation), means of logits", _logit_gap),
    RunMetric(
        "diverged",
        "diverged",
        "lower",
        "natural",
        2,
        "1 where training ended in NaN, infinity or runaway weights, or an autoencoder got worse than it began, 0 "
        "where it came to its end, however poor its images",
        "stability",
        "run",
        read=lambda files: {"diverged": 1.0, "done": 0.0}.get(files.state),
        binary=True,
        of_diverged=True,
    ),
    RunMetric(
        "late_change",
        "late change",
        "neither",
        "log",
        3,
        "validation FD at the end over that after a fifth of the images shown: below 1, it still fell after that",
        "stability",
        "run",
        read=_late_change,
    ),
    _cost("seconds_gan", "GAN (s)", 1, "seconds of GAN training, augmentation apart", _seconds("gan")),
    # An arm that injects nothing spends none here, and nothing has no logarithm.
    _cost(
        "seconds_augmentation",
        "augmentation (s)",
        1,
        "seconds of perturbing and decoding over the whole training",
        _seconds("augmentation"),
        "natural",
    ),
    _cost(
        "seconds_augmentation_epoch",
        "augmentation, an epoch (s)",
        3,
        "seconds of perturbing and decoding an epoch",
        _augmentation_per_epoch,
        "natural",
    ),
    _cost(
        "seconds_autoencoder",
        "autoencoder (s)",
        1,
        "seconds of the autoencoder's training, in whichever run it was trained",
        _seconds("autoencoder"),
        "natural",
    ),
    _cost(
        "seconds_training",
        "training (s)",
        1,
        "seconds that led to the generator: autoencoder, gate, augmentation and GAN",
        _seconds("autoencoder", "gate", "augmentation", "gan"),
    ),
    _cost(
        "processor_seconds",
        "training (processor s)",
        1,
        "the same in seconds of processors, all cores together",
        lambda files: sum((files.status.get("processor_seconds") or {}).values()) or None,
    ),
    _cost("seconds_evaluation", "evaluation (s)", 1, "seconds of measuring, all through", _seconds("evaluation")),
    _cost("seconds_total", "total (s)", 1, "seconds of all these stages together", _all_but_shared),
    _cost(
        "seconds_shared",
        "shared (s)",
        1,
        "seconds of what is kept for later runs, floors and reference features: no part of the total",
        _seconds("shared"),
        "natural",
    ),
    RunMetric(
        "images_per_second",
        "images/s",
        "higher",
        "log",
        0,
        "images shown to the discriminator a second of training, augmentation included",
        "cost",
        "run",
        read=_rate,
    ),
    _cost(
        "peak_memory",
        "memory (GiB)",
        2,
        "most memory held: of the GPU, else the host",
        _memory("device_bytes", "host_bytes"),
        "natural",
    ),
    _cost("peak_memory_host", "host memory (GiB)", 2, "held by the process", _memory("host_bytes"), "natural"),
    *(
        _cost(f"parameters_{network}", f"{network} parameters", 0, f"weights of the {network}", _parameters(network))
        for network in ("generator", "discriminator", "autoencoder")
    ),
)

METRICS: Mapping[str, Metric] = ChainMap({metric.key: metric for metric in _OF_RUNS}, OF_IMAGES)
assert len(METRICS) == len(_OF_RUNS) + len(OF_IMAGES), "a metric of images has the key of one of runs"
"""Every metric by its key, those of images first, in the order of tables."""

WORK = (
    *("images_shown", "images_real", "discriminator_passes", "synthetic_share"),
    *("acceptance_rate", "gate_value", "gate_passed"),
)
"""The readings of equal work."""

TIMED = frozenset(
    key
    for key, metric in METRICS.items()
    if metric.group == "cost" and key not in WORK and not key.startswith("parameters_")
)
"""Of the machine, and of what else ran on it: another at every repetition."""
