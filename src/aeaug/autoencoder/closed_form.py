r"""The cheapest autoencoders there are, which no training finds: controls for "it takes an autoencoder".

``pca``: the subset's mean :math:`\mu` and its d principal components W, orthonormal rows, of intensities in [0, 1],

.. math:: z = W (x - \mu), \qquad \hat x = \mu + W^\top z,

the linear autoencoder with the smallest mean squared error (Eckart & Young 1936; Baldi & Hornik 1989). The sign of a
component is that with which its largest entry is positive. ``identity``: z = x, a dimension a pixel, so that a
perturbation of codes is one of pixels.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from aeaug.autoencoder.module import AutoencoderModule
from aeaug.autoencoder.options import ClosedFormOptions
from aeaug.data import to_float

__all__ = ["closed_form", "principal_components"]

LARGEST_MATRIX = 3 * 28 * 28  # numbers of an image, of which all pairs are looked at


def principal_components(x: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the mean ``(D,)`` and the first ``count`` principal components ``(count, D)`` of ``x: (N, D)``, of the
    largest variance first, in float64; count ≤ D. Those beyond N − 1 have no variance, and are orthonormal too."""
    x = x.double()
    mean = x.mean(0)
    components = _leading(x - mean, count)
    largest = components.gather(1, components.abs().argmax(1, keepdim=True))
    return mean, components * largest.sign()


def _leading(deviations: Tensor, count: int) -> Tensor:
    """The first ``count`` right singular vectors ``(count, D)`` of ``deviations: (N, D)``. Of large images a few of
    them are found without the D × D matrix, whose decomposition would take an hour for colours of 64 × 64 pixels."""
    images, pixels = deviations.shape
    if pixels > LARGEST_MATRIX and count <= min(images, pixels) // 4 and bool(deviations.any()):
        from scipy.sparse.linalg import LinearOperator, eigsh

        def product(vector: Any) -> Any:
            of: Tensor = torch.from_numpy(vector.reshape(pixels))
            return (deviations.T @ (deviations @ of)).numpy()

        covariance = LinearOperator((pixels, pixels), matvec=product, dtype=np.float64)
        _, found = eigsh(covariance, k=count, v0=np.random.default_rng(0).standard_normal(pixels))
        return torch.from_numpy(found.T[::-1].copy())
    vectors: Tensor = torch.linalg.eigh(deviations.T @ deviations).eigenvectors  # of the smallest variance first
    return vectors.T.flip(0)[:count]


@torch.no_grad()
def closed_form(options: ClosedFormOptions, images: Tensor) -> AutoencoderModule:
    """Return the autoencoder that ``options`` and ``images: (N, H, W)`` or ``(N, C, H, W)`` uint8 determine."""
    assert options.latent_dim is not None, "auto is resolved where options are parsed"
    channels, height, width = to_float(images[:1]).shape[1:]
    module = AutoencoderModule(options.network, options.latent_dim, "mse", shape=(channels, height, width))
    if options.network == "pca":
        intensity = (to_float(images) + 1) / 2
        mean, components = principal_components(intensity.flatten(1), options.latent_dim)
        (encoder,), (decoder,) = (
            [layer for layer in half.modules() if isinstance(layer, nn.Linear)]
            for half in (module.encoder, module.decoder)
        )
        encoder.weight.copy_(components)
        encoder.bias.copy_(-components @ mean)
        decoder.weight.copy_(components.T)
        decoder.bias.copy_(mean)
    return module.eval()
