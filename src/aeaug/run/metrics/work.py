"""The readings of equal work: images that were shown, of which kind, and whether filter and gate let them in."""

from aeaug.run.files import Files
from aeaug.run.metrics.metric import Read, RunMetric

__all__ = ["OF_WORK"]


def _counted(key: str, label: str, meaning: str, of: str) -> RunMetric:
    """One of the three readings of equal work."""
    return RunMetric(key, label, "neither", "log", 0, meaning, "cost", "run", read=_work(of), of_diverged=True)


def _work(key: str) -> Read:
    """Images that went through the training, as counted."""
    return lambda files: (files.metrics.get("work") or {}).get(key)


def _synthetic_share(files: Files) -> float | None:
    """None in an arm that injects nothing: it has no such share."""
    shown, synthetic = _work("shown")(files), _work("synthetic")(files)
    injects = (files.config.get("augmentation") or {}).get("name") != "none"
    return synthetic / shown if injects and shown and synthetic is not None else None


def _acceptance(files: Files) -> float | None:
    """None where nothing is filtered."""
    drawn, accepted = _work("drawn")(files), _work("accepted")(files)
    return accepted / drawn if drawn and accepted is not None else None


def _gate(key: str) -> Read:
    """None in a run without a gate."""

    def read(files: Files) -> float | None:
        found = (files.metrics.get("gate") or {}).get(key)
        return None if found is None else float(found)

    return read


OF_WORK = (
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
)
