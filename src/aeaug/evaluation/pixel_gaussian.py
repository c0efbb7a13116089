r"""A Gaussian fitted to pixels: the floor that knows mean and covariance of the training images, and nothing else.

.. math:: x = \mathrm{clip}(\mu + \Sigma^{1/2} \varepsilon, -1, 1), \qquad \varepsilon \sim N(0, I)

with the unbiased covariance. Of fewer images than pixels it is singular, which the symmetric root takes as it is; and
unlike a Cholesky factor or bare eigenvectors, that root is unique, so another linear algebra library draws the same
images but for rounding.
"""

import torch
from torch import Tensor

from aeaug.randomness import generator

__all__ = ["pixel_gaussian"]

CHUNK = 5_000  # images in float64 at once: 31 MB
SMALLEST_VARIANCE = 1e-6  # of the largest along any direction; below, it may be rounding


def pixel_gaussian(images: Tensor, n: int, seed: int) -> Tensor:
    """Draw ``(n, C, H, W)`` float32 in [-1, 1], on the CPU, from the Gaussian of ``images (N, C, H, W)``, N >= 2.

    Raises ``ValueError`` for fewer images, or negative n.
    """
    if images.ndim != 4 or len(images) < 2:
        raise ValueError(f"images: expected shape (N, C, H, W) with N >= 2, got {tuple(images.shape)}")
    if n < 0:
        raise ValueError(f"n: expected at least 0, got {n}")
    mean, root = _fit(images.detach().cpu().flatten(1))
    noise = torch.randn(n, len(mean), generator=generator(seed, "pixel gaussian"))
    drawn = torch.addmm(mean.float(), noise, root.float())
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
