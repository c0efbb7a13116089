"""How the discriminator overfits at the end of training (:mod:`aeaug.evaluation.overfitting`)."""

from aeaug.evaluation.metric import Better
from aeaug.run.files import Files
from aeaug.run.metrics.metric import Read, RunMetric

__all__ = ["OVERFITTING"]


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


def _last(key: str) -> Read:
    """One number of the discriminator at the last evaluation of the training."""
    return lambda files: (files.history[-1].get("discriminator") or {}).get(key) if files.history else None


def _logit_gap(files: Files) -> float | None:
    train, validation = _last("logit_train")(files), _last("logit_validation")(files)
    return None if train is None or validation is None else train - validation


OVERFITTING = (
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
)
