"""What a run cost: seconds, memory, weights. Another at every repetition, but for the weights."""

from aeaug.evaluation.metric import Scale
from aeaug.run.files import Files
from aeaug.run.metrics.metric import Read, RunMetric

__all__ = ["COST"]

_GIB = 2**30


def _cost(key: str, label: str, decimals: int, meaning: str, read: Read, scale: Scale = "log") -> RunMetric:
    return RunMetric(key, label, "lower", scale, decimals, meaning, "cost", "run", read=read)


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


COST = (
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
