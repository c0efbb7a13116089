"""The article's pair, of p pixels d-256-256-p with tanh and p-256-256-1, ReLU in between, initialised as Keras does
(Glorot uniform, zero biases)."""

import math

from torch import nn

from aeaug.data.images import Shape
from aeaug.gan.networks.initialisation import glorot

__all__ = ["discriminator", "generator"]


def generator(latent_dim: int, width: int, depth: int, shape: Shape) -> nn.Sequential:
    """``depth`` hidden layers of ``width`` units."""
    layers: list[nn.Module] = []
    for inputs in [latent_dim] + [width] * (depth - 1):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
    return glorot(nn.Sequential(*layers, nn.Linear(width, math.prod(shape)), nn.Tanh(), nn.Unflatten(1, shape)))


def discriminator(width: int, depth: int, shape: Shape) -> nn.Sequential:
    """``depth`` hidden layers of ``width`` units."""
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs in [math.prod(shape)] + [width] * (depth - 1):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
    return glorot(nn.Sequential(*layers, nn.Linear(width, 1), nn.Flatten(0)))
