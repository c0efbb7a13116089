r"""The cheapest autoencoders there are, which no training finds: controls for "it takes an autoencoder".

``pca``: the subset's mean :math:`\mu` and its d principal components W, orthonormal rows, of intensities in [0, 1],

.. math:: z = W (x - \mu), \qquad \hat x = \mu + W^\top z,

the linear autoencoder with the smallest mean squared error (Eckart & Young 1936; Baldi & Hornik 1989). The sign of a
component is that with which its largest entry is positive. ``identity``: z = x, a dimension a pixel, so that a
perturbation of codes is one of pixels.
"""

import numpy as np
import torch
from scipy.sparse.linalg import svds
from torch import Tensor, nn

from aeaug.autoencoder.module import AutoencoderModule
from aeaug.autoencoder.options import ClosedFormOptions
from aeaug.data import to_float
from aeaug.data.images import shape_of
from aeaug.one_thread import one_thread
from aeaug.randomness import generator

__all__ = ["closed_form", "principal_components"]

MOST_IN_FULL = 1024  # dimensions


def principal_components(x: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the mean ``(D,)`` and the first ``count`` principal components ``(count, D)`` of ``x: (N, D)``, of the
    largest variance first, in float64; count ≤ D. Those beyond N − 1 have no variance, and are orthonormal too."""
    x = x.double()
    mean = x.mean(0)
    components = (_of_the_covariance if x.shape[1] <= MOST_IN_FULL else _of_the_points)(x - mean, count)
    largest = components.gather(1, components.abs().argmax(1, keepdim=True))
    return mean, components * largest.sign()


def _of_the_covariance(centred: Tensor, count: int) -> Tensor:
    vectors: Tensor = torch.linalg.eigh(centred.T @ centred).eigenvectors  # of the smallest variance first
    return vectors.T.flip(0)[:count]


def _of_the_points(centred: Tensor, count: int) -> Tensor:
    """Right singular vectors: a covariance of D × D takes D³ operations, a quarter of an hour with 64 × 64 colours."""
    points, dimensions = centred.shape
    if 4 * count < min(points, dimensions) and bool(centred.any()):
        with one_thread():
            _, _, vectors = svds(centred.numpy(), k=count, v0=np.ones(min(points, dimensions)))  # the smallest first
        return torch.from_numpy(vectors[::-1].copy())
    found: Tensor = torch.linalg.svd(centred, full_matrices=False).Vh
    if count > points:
        more = torch.randn(count - points, dimensions, dtype=found.dtype, generator=generator(0, "more components"))
        found = torch.cat([found, torch.linalg.qr(torch.cat([found, more]).T).Q.T[points:]])
    return found[:count]


@torch.no_grad()
def closed_form(options: ClosedFormOptions, images: Tensor) -> AutoencoderModule:
    """Return the autoencoder that ``options`` and ``images: (N, H, W)`` or ``(N, C, H, W)`` uint8 determine."""
    assert options.latent_dim is not None, "auto is resolved where options are parsed"
    module = AutoencoderModule(options.network, options.latent_dim, "mse", shape=shape_of(images))
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
