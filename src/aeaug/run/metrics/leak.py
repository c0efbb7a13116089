"""What leaked from the autoencoder into the generator (:mod:`aeaug.evaluation.leak`)."""

from aeaug.evaluation.metric import Better
from aeaug.run.metrics.metric import Read, RunMetric

__all__ = ["LEAK"]


def _leaked(key: str, label: str, better: Better, decimals: int, meaning: str, of: str, in_fd: bool) -> RunMetric:
    return RunMetric(key, label, better, "natural", decimals, meaning, "leak", in_fd=in_fd, read=_leak(of))


def _leak(key: str) -> Read:
    return lambda files: (files.metrics.get("leak") or {}).get(key)


LEAK = (
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
)
