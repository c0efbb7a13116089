"""Fully connected layers with LeakyReLU(0.2) and He initialisation (He et al. 2015, arXiv:1502.01852), and layer
normalisation (Ba et al. 2016, arXiv:1607.06450) of every hidden layer of the generator."""

from torch import nn

from aeaug.gan.networks.initialisation import PIXELS, SLOPE, he

__all__ = ["discriminator", "generator"]


def generator(latent_dim: int, width: int, depth: int) -> nn.Sequential:
    """``depth`` hidden layers of ``width`` units."""
    layers: list[nn.Module] = []
    for inputs in [latent_dim] + [width] * (depth - 1):
        layers += [nn.Linear(inputs, width), nn.LayerNorm(width), nn.LeakyReLU(SLOPE)]
    return he(nn.Sequential(*layers, nn.Linear(width, PIXELS), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))))


def discriminator(width: int, depth: int) -> nn.Sequential:
    """``depth`` hidden layers of ``width`` units."""
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs in [PIXELS] + [width] * (depth - 1):
        layers += [nn.Linear(inputs, width), nn.LeakyReLU(SLOPE)]
    return he(nn.Sequential(*layers, nn.Linear(width, 1), nn.Flatten(0)))
