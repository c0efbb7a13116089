"""Convolutions (Radford et al. 2016, arXiv:1511.06434): fully connected layers beside two strided ones, as InfoGAN has
them for MNIST (Chen et al. 2016, arXiv:1606.03657), and layer and group normalisation (Wu & He 2018, arXiv:1803.08494)
in place of batch normalisation. LeakyReLU(0.2) and He initialisation (He et al. 2015, arXiv:1502.01852)."""

from torch import nn

from aeaug.gan.networks.initialisation import SLOPE, he

__all__ = ["discriminator", "generator"]


def generator(latent_dim: int, width: int, depth: int) -> nn.Sequential:
    """``width``: channels at 14×14, of which there are twice as many at 7×7; ``depth``: fully connected hidden layers,
    of 8 ``width`` units."""
    at_14, at_7 = width, 2 * width
    layers: list[nn.Module] = []
    for inputs in [latent_dim] + [8 * width] * (depth - 1):
        layers += [nn.Linear(inputs, 8 * width), nn.LayerNorm(8 * width), nn.LeakyReLU(SLOPE)]
    return he(
        nn.Sequential(
            *layers,
            nn.Linear(8 * width, at_7 * 49),
            nn.Unflatten(1, (at_7, 7, 7)),
            nn.GroupNorm(1, at_7),  # one group: statistics over all channels and positions of the one image
            nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(at_7, at_14, 4, stride=2, padding=1),
            nn.GroupNorm(1, at_14),
            nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(at_14, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )
    )


def discriminator(width: int, depth: int) -> nn.Sequential:
    """``width`` and ``depth`` as of the generator."""
    at_14, at_7 = width, 2 * width
    layers: list[nn.Module] = []
    for inputs in [at_7 * 49] + [8 * width] * (depth - 1):
        layers += [nn.Linear(inputs, 8 * width), nn.LeakyReLU(SLOPE)]
    return he(
        nn.Sequential(
            nn.Conv2d(1, at_14, 4, stride=2, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(at_14, at_7, 4, stride=2, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Flatten(),
            *layers,
            nn.Linear(8 * width, 1),
            nn.Flatten(0),
        )
    )
