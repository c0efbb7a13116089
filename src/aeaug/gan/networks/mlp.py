"""Fully connected layers with LeakyReLU(0.2) and He initialisation (He et al. 2015, arXiv:1502.01852), and layer
normalisation (Ba et al. 2016, arXiv:1607.06450) of every hidden layer of the generator."""

import math

from torch import nn

from aeaug.data.images import Shape
from aeaug.gan.networks.initialisation import SLOPE, he

__all__ = ["discriminator", "generator"]


def generator(latent_dim: int, width: int, depth: int, shape: Shape) -> nn.Sequential:
    """``depth`` hidden layers of ``width`` units."""
    layers: list[nn.Module] = []
    for inputs in [latent_dim] + [width] * (depth - 1):
        layers += [nn.Linear(inputs, width), nn.LayerNorm(width), nn.LeakyReLU(SLOPE)]
    return he(nn.Sequential(*layers, nn.Linear(width, math.prod(shape)), nn.Tanh(), nn.Unflatten(1, shape)))


def discriminator(width: int, depth: int, shape: Shape) -> nn.Sequential:
    """``depth`` hidden layers of ``width`` units."""
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs in [math.prod(shape)] + [width] * (depth - 1):
        layers += [nn.Linear(inputs, width), nn.LeakyReLU(SLOPE)]
    return he(nn.Sequential(*layers, nn.Linear(width, 1), nn.Flatten(0)))
