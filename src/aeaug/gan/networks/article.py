"""The article's pair, d-256-256-784 with tanh and 784-256-256-1, ReLU in between, initialised as Keras does (Glorot
uniform, zero biases)."""

from torch import nn

from aeaug.gan.networks.initialisation import PIXELS, glorot

__all__ = ["discriminator", "generator"]


def generator(latent_dim: int, width: int, depth: int) -> nn.Sequential:
    """``depth`` hidden layers of ``width`` units."""
    layers: list[nn.Module] = []
    for inputs in [latent_dim] + [width] * (depth - 1):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
    return glorot(nn.Sequential(*layers, nn.Linear(width, PIXELS), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))))


def discriminator(width: int, depth: int) -> nn.Sequential:
    """``depth`` hidden layers of ``width`` units."""
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs in [PIXELS] + [width] * (depth - 1):
        layers += [nn.Linear(inputs, width), nn.ReLU()]
    return glorot(nn.Sequential(*layers, nn.Linear(width, 1), nn.Flatten(0)))
