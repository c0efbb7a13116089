r"""A Gaussian fitted to pixels: the floor that knows mean and covariance of the training images, and nothing else.

.. math:: x = \mathrm{clip}(\mu + \Sigma^{1/2} \varepsilon, -1, 1), \qquad \varepsilon \sim N(0, I)

with the unbiased covariance. Of fewer images than pixels it is singular, which the symmetric root takes as it is; and
unlike a Cholesky factor or bare eigenvectors, that root is unique, so another linear algebra library draws the same
images but for rounding.

Of images with more than 2,352 numbers that root would take minutes, and of the largest an hour. They are drawn from the
same Gaussian by the N images themselves, with :math:`\bar X` their deviations from the mean, a row each:

.. math:: x = \mathrm{clip}(\mu + \bar X^\top \varepsilon / \sqrt{N - 1}, -1, 1), \qquad \varepsilon \sim N(0, I_N)
"""

import math

import torch
from torch import Tensor

from aeaug.randomness import generator

__all__ = ["pixel_gaussian"]

CHUNK = 5_000  # images in float64 at once: 31 MB
LARGEST_ROOT = 3 * 28 * 28  # numbers of an image
SMALLEST_VARIANCE = 1e-6  # of the largest along any direction; below, it may be rounding


def pixel_gaussian(images: Tensor, n: int, seed: int) -> Tensor:
    """Draw ``(n, C, H, W)`` float32 in [-1, 1], on the CPU, from the Gaussian of ``images (N, C, H, W)``, N >= 2.

    Raises ``ValueError`` for fewer images, or negative n.
    """
    if images.ndim != 4 or len(images) < 2:
        raise ValueError(f"images: expected shape (N, C, H, W) with N >= 2, got {tuple(images.shape)}")
    if n < 0:
        raise ValueError(f"n: expected at least 0, got {n}")
    pixels, draw = images.detach().cpu().flatten(1), generator(seed, "pixel gaussian")
    if pixels.shape[1] > LARGEST_ROOT:
        mean = pixels.mean(0, dtype=torch.float64).float()
        deviations = (pixels - mean) / math.sqrt(len(pixels) - 1)
        drawn = torch.addmm(mean, torch.randn(n, len(pixels), generator=draw), deviations)
    else:
        middle, root = _fit(pixels)
        drawn = torch.addmm(middle.float(), torch.randn(n, len(middle), generator=draw), root.float())
    return drawn.clamp_(-1, 1).view(n, *images.shape[1:])


def _fit(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean ``(D,)`` and symmetric root of the covariance ``(D, D)`` of ``pixels (N, D)``, in float64."""
    mean = pixels.mean(0, dtype=torch.float64)
    covariance = torch.zeros(len(mean), len(mean), dtype=torch.float64)
    for part in pixels.split(CHUNK):
        # Products in float32 take half the time, and cost 1e-7 of the largest variance.
        centred = (part - mean).float()
        covariance += centred.T @ centred
    values, vectors = torch.linalg.eigh(covariance / (len(pixels) - 1))
    spread = torch.where(values > SMALLEST_VARIANCE * values[-1], values, 0).sqrt()
    return mean, (vectors * spread) @ vectors.T
