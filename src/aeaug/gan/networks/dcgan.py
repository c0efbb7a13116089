"""Convolutions (Radford et al. 2016, arXiv:1511.06434): fully connected layers beside two strided ones, as InfoGAN has
them for MNIST (Chen et al. 2016, arXiv:1606.03657), and layer and group normalisation (Wu & He 2018, arXiv:1803.08494)
in place of batch normalisation. LeakyReLU(0.2) and He initialisation (He et al. 2015, arXiv:1502.01852)."""

import math

from torch import nn

from aeaug.data.images import Shape, quarters
from aeaug.gan.networks.initialisation import SLOPE, he

__all__ = ["discriminator", "generator"]


def generator(latent_dim: int, width: int, depth: int, shape: Shape) -> nn.Sequential:
    """``width``: channels at half the side, of which there are twice as many at a quarter; ``depth``: fully connected
    hidden layers, of 8 ``width`` units."""
    channels, *quarter = quarters(shape)
    at_half, at_quarter = width, 2 * width
    layers: list[nn.Module] = []
    for inputs in [latent_dim] + [8 * width] * (depth - 1):
        layers += [nn.Linear(inputs, 8 * width), nn.LayerNorm(8 * width), nn.LeakyReLU(SLOPE)]
    return he(
        nn.Sequential(
            *layers,
            nn.Linear(8 * width, at_quarter * math.prod(quarter)),
            nn.Unflatten(1, (at_quarter, *quarter)),
            nn.GroupNorm(1, at_quarter),  # one group: statistics over all channels and positions of the one image
            nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(at_quarter, at_half, 4, stride=2, padding=1),
            nn.GroupNorm(1, at_half),
            nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(at_half, channels, 4, stride=2, padding=1),
            nn.Tanh(),
        )
    )


def discriminator(width: int, depth: int, shape: Shape) -> nn.Sequential:
    """``width`` and ``depth`` as of the generator."""
    channels, *quarter = quarters(shape)
    at_half, at_quarter = width, 2 * width
    layers: list[nn.Module] = []
    for inputs in [at_quarter * math.prod(quarter)] + [8 * width] * (depth - 1):
        layers += [nn.Linear(inputs, 8 * width), nn.LeakyReLU(SLOPE)]
    return he(
        nn.Sequential(
            nn.Conv2d(channels, at_half, 4, stride=2, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(at_half, at_quarter, 4, stride=2, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Flatten(),
            *layers,
            nn.Linear(8 * width, 1),
            nn.Flatten(0),
        )
    )
