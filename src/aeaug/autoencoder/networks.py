"""Encoders and decoders of images with p pixels.

``article`` is the article's network: p-64-32-64-p with ReLU codes. Its listing gives the decoder ``input_shape[1]``
outputs, an image's height; p is what it means. ``mlp`` is p-512-d-512-p with unconstrained codes: on a few hundred
images a second hidden layer reconstructs held-out ones worse. ``conv`` is convolutional. Their decoders end in
logits of pixel intensity, to which the module applies the sigmoid. ``pca`` and ``identity`` are linear: their decoders
end in intensities, which the module clips (:mod:`aeaug.autoencoder.closed_form` has their weights).

``denoising``, ``vae`` and ``rae`` have the networks of ``mlp``, ``conv_vae`` those of ``conv``, trained for another
objective (:mod:`aeaug.autoencoder.objectives`): a variational encoder says two numbers for each dimension of a code,
and the decoder of ``rae`` has spectrally normalised weights.
"""

import math

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from aeaug.data.images import Shape, quarters
from aeaug.data.sets.mnist import MNIST

__all__ = ["CLOSED_FORM", "NETWORKS", "VARIATIONAL", "build_decoder", "build_encoder"]

CLOSED_FORM = ("pca", "identity")
VARIATIONAL = ("vae", "conv_vae")
SAME = {"denoising": "mlp", "vae": "mlp", "conv_vae": "conv", "rae": "mlp"}
NETWORKS = ("article", "mlp", "conv", *SAME, *CLOSED_FORM)


def build_encoder(network: str, latent_dim: int, shape: Shape = MNIST.shape) -> nn.Module:
    """Return a module ``(B, C, H, W) -> (B, latent_dim)``, of a variational network ``(B, 2 latent_dim)``.

    Raises ``ValueError`` for an unknown network, and for a ``shape`` of which it has no images.
    """
    if network in SAME:
        return build_encoder(SAME[network], 2 * latent_dim if network in VARIATIONAL else latent_dim, shape)
    pixels = math.prod(shape)
    if network == "article":
        return nn.Sequential(nn.Flatten(), nn.Linear(pixels, 64), nn.ReLU(), nn.Linear(64, latent_dim), nn.ReLU())
    if network == "pca":
        return nn.Sequential(nn.Flatten(), nn.Linear(pixels, latent_dim))
    if network == "identity":
        return nn.Flatten()
    if network == "mlp":
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(pixels, 512),
            nn.SiLU(),
            nn.Linear(512, latent_dim),
        )
    if network == "conv":
        channels, height, width = quarters(shape)
        return nn.Sequential(
            nn.Conv2d(channels, 32, 4, stride=2, padding=1),  # half the side
            nn.SiLU(),
            nn.Conv2d(32, 64, 4, stride=2, padding=1),  # a quarter of it
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(64 * height * width, latent_dim),
        )
    raise ValueError(f"autoencoder.network={network}: must be one of {', '.join(NETWORKS)}")


def build_decoder(network: str, latent_dim: int, shape: Shape = MNIST.shape) -> nn.Module:
    """Return a module ``(B, latent_dim) -> (B, C, H, W)``: logits of pixel intensity in [0, 1], or of a network in
    closed form the intensity itself, which may lie beyond.

    Raises ``ValueError`` as :func:`build_encoder` does.
    """
    if network == "rae":
        decoder = build_decoder("mlp", latent_dim, shape)
        for layer in decoder.modules():
            if isinstance(layer, nn.Linear):
                spectral_norm(layer)
        return decoder
    if network in SAME:
        return build_decoder(SAME[network], latent_dim, shape)
    pixels, image = math.prod(shape), nn.Unflatten(1, shape)
    if network == "pca":
        return nn.Sequential(nn.Linear(latent_dim, pixels), image)
    if network == "identity":
        return image
    if network == "article":
        return nn.Sequential(nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, pixels), image)
    if network == "mlp":
        return nn.Sequential(
            nn.Linear(latent_dim, 512),
            nn.SiLU(),
            nn.Linear(512, pixels),
            image,
        )
    if network == "conv":
        channels, height, width = quarters(shape)
        return nn.Sequential(
            nn.Linear(latent_dim, 64 * height * width),
            nn.SiLU(),
            nn.Unflatten(1, (64, height, width)),
            nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1),  # half the side
            nn.SiLU(),
            nn.ConvTranspose2d(32, channels, 4, stride=2, padding=1),
        )
    raise ValueError(f"autoencoder.network={network}: must be one of {', '.join(NETWORKS)}")
