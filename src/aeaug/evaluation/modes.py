r"""Modes of a generator of stacked images: how many of them it makes, and how evenly.

As VEEGAN (Srivastava et al. 2017, arXiv:1705.07761) and PacGAN (Lin et al. 2018, arXiv:1712.04086) measure it: 26,000
images, whose modes a classifier of digits tells by channel. *Covered* is a mode with one image at least, and the
divergence, with :math:`p_m` the share of mode m out of M, is

.. math:: \mathrm{KL}(p \,\|\, q) = \sum_m p_m \ln \frac{p_m}{q_m}, \qquad q_m = \frac1M,

the training images' distribution over modes, which is even: from 0 to ln M. The classifier is MNIST's feature net,
which is not theirs: numbers compare within this project. 26,000 images of modes drawn evenly leave one out with a
probability of about e⁻²⁶, and have a divergence of about (M − 1) / (2 · 26,000), 0.02 of 1,000 modes.
"""

from collections.abc import Iterable
from typing import TypedDict

import torch
from torch import Tensor

from aeaug.evaluation.features import Extractor, extract
from aeaug.evaluation.metrics.histogram import kl_to_uniform

__all__ = ["SAMPLES", "Modes", "modes_in"]

SAMPLES = 26_000


class Modes(TypedDict):
    """``covered``: modes of which there is an image; ``kl``: of the images' distribution over modes to the even one, in
    nats; ``samples``: how many images."""

    covered: int
    kl: float
    samples: int


def modes_in(parts: Iterable[Tensor], net: Extractor) -> Modes:
    """The modes of images that come in ``parts (B, C, H, W)`` in [-1, 1], by the largest logit of ``net``.

    Raises ``ValueError`` where there is no image.
    """
    counts = torch.zeros(net.num_classes, dtype=torch.int64)
    for images in parts:
        counts += extract(images, net).logits.argmax(1).bincount(minlength=net.num_classes).cpu()
    samples = int(counts.sum())
    if not samples:
        raise ValueError("modes: no images")
    shares = [count / samples for count in counts.tolist()]
    return Modes(covered=int((counts > 0).sum()), kl=kl_to_uniform(shares), samples=samples)
