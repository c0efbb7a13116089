r"""Which classes a set of images holds, and how evenly: mode collapse in one number.

With :math:`p_c` the share of images the feature net assigns to class c, out of C classes,

.. math:: \mathrm{KL}(p \,\|\, u) = \sum_c p_c \ln (C p_c) = \ln C - H(p),

from 0 (even shares) to ln C (one class); MNIST's own classes, a little uneven, have 0.002. A mode is a
class that holds at least a tenth of its even share, 1% of the images where there are ten.
"""

import math

import torch
from torch import Tensor

from aeaug.evaluation.metric import Measurement, Metric, Sample

__all__ = ["MEASUREMENT", "class_histogram", "kl_to_uniform", "modes"]

MODE_SHARE = 0.1  # of the even one


def class_histogram(logits: Tensor) -> list[float]:
    """Share of each class, by the largest of ``logits (N, C)``; C >= 1 shares that sum to 1. Raises ``ValueError``
    for another number of dimensions, and unless N >= 1."""
    if logits.ndim != 2 or len(logits) == 0:
        raise ValueError(f"logits: expected shape (N, C) with N >= 1, got {tuple(logits.shape)}")
    counts = torch.bincount(logits.argmax(1), minlength=logits.shape[1])
    return [count / len(logits) for count in counts.tolist()]


def kl_to_uniform(shares: list[float]) -> float:
    """KL(shares ‖ uniform) in nats, in [0, ln C]; a share of zero contributes nothing."""
    return math.fsum(share * math.log(share * len(shares)) for share in shares if share > 0)


def modes(shares: list[float]) -> int:
    """Number of classes that hold at least a tenth of their even share."""
    return sum(share >= MODE_SHARE / len(shares) for share in shares)


def _measure(sample: Sample) -> dict[str, int | float | list[float]]:
    shares = class_histogram(sample.logits)
    return {"class_histogram": shares, "class_kl": kl_to_uniform(shares), "modes": modes(shares)}


MEASUREMENT = Measurement(
    (
        Metric(
            "class_kl",
            "class KL",
            "lower",
            "natural",
            4,
            "KL of the class histogram to the even one, in nats",
            "diversity",
        ),
        Metric("modes", "modes", "higher", "natural", 0, "classes that are generated at all", "diversity"),
    ),
    lambda reference: _measure,
    of_classes=True,
    rank=6,
)
