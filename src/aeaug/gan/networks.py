r"""Generators and discriminators of 28×28 images.

A generator is a function :math:`G: \mathbb{R}^d \to [-1, 1]^{784}`, a discriminator one from
:math:`\mathbb{R}^{784}` to a logit: :math:`\sigma(D(x))` is the probability that x is real.

``article`` is the article's pair, d-256-256-784 with tanh and 784-256-256-1, ReLU in between, initialised as
Keras does (Glorot uniform, zero biases). ``mlp`` adds layer normalisation (Ba et al. 2016, arXiv:1607.06450)
to every hidden layer of the generator. ``dcgan`` is convolutional (Radford et al. 2016, arXiv:1511.06434):
fully connected layers beside two strided convolutions, as InfoGAN has them for MNIST (Chen et al. 2016,
arXiv:1606.03657), and layer and group normalisation (Wu & He 2018, arXiv:1803.08494) in place of batch
normalisation. Both use LeakyReLU(0.2) and He initialisation (He et al. 2015, arXiv:1502.01852). No
discriminator is normalised unless that is asked for (:mod:`aeaug.gan.regularised`): R1 does that work.

No layer looks across a batch or keeps statistics of images: G(z) and D(x) depend on the one z or x alone.
"""

import math

import torch
from torch import Tensor, nn

from aeaug.gan.regularised import regularised

__all__ = ["NETWORKS", "build_discriminator", "build_generator"]

NETWORKS = ("article", "mlp", "dcgan")
PIXELS = 784
SLOPE = 0.2  # of LeakyReLU below zero


def build_generator(network: str, latent_dim: int, width: int, depth: int) -> nn.Module:
    """Return ``z (B, latent_dim) -> images (B, 1, 28, 28)`` in [-1, 1]; weights drawn from the global stream.

    Args:
        network: ``article``, ``mlp`` or ``dcgan``.
        latent_dim: d; z is meant to be standard normal.
        width: units of a hidden layer; for ``dcgan`` the channels at 14×14; there are twice as many at 7×7.
        depth: hidden layers; for ``dcgan`` those before the convolutions, of 8 ``width`` units.

    Raises:
        ValueError: if ``network`` is unknown or a size is below 1.
    """
    _check(network, latent_dim=latent_dim, generator_width=width, generator_depth=depth)
    if network == "dcgan":
        return _channels_last(_he(_dcgan_generator(latent_dim, width, depth)))
    layers: list[nn.Module] = []
    for inputs in [latent_dim] + [width] * (depth - 1):
        layers.append(nn.Linear(inputs, width))
        layers += [nn.ReLU()] if network == "article" else [nn.LayerNorm(width), nn.LeakyReLU(SLOPE)]
    body = nn.Sequential(*layers, nn.Linear(width, PIXELS), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    return _glorot(body) if network == "article" else _he(body)


def build_discriminator(
    network: str, width: int, depth: int, spectral_norm: bool = False, dropout: float = 0.0
) -> nn.Module:
    """Return ``images (B, 1, 28, 28) -> logits (B,)``; weights drawn from the global stream.

    Args:
        network: ``article``, ``mlp`` or ``dcgan``.
        width: units of a hidden layer; for ``dcgan`` the channels at 14×14; there are twice as many at 7×7.
        depth: hidden layers; for ``dcgan`` those after the convolutions, of 8 ``width`` units.
        spectral_norm, dropout: see :mod:`aeaug.gan.regularised`.

    Raises:
        ValueError: if ``network`` is unknown or a size is below 1.
    """
    _check(network, discriminator_width=width, discriminator_depth=depth)
    built = _plain_discriminator(network, width, depth)
    return regularised(built, spectral_norm, dropout) if spectral_norm or dropout else built


def _plain_discriminator(network: str, width: int, depth: int) -> nn.Sequential:
    if network == "dcgan":
        return _channels_last(_he(_dcgan_discriminator(width, depth)))
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs in [PIXELS] + [width] * (depth - 1):
        layers.append(nn.Linear(inputs, width))
        layers.append(nn.ReLU() if network == "article" else nn.LeakyReLU(SLOPE))
    body = nn.Sequential(*layers, nn.Linear(width, 1), nn.Flatten(0))
    return _glorot(body) if network == "article" else _he(body)


def _dcgan_generator(latent_dim: int, width: int, depth: int) -> nn.Sequential:
    at_14, at_7 = width, 2 * width
    layers: list[nn.Module] = []
    for inputs in [latent_dim] + [8 * width] * (depth - 1):
        layers += [nn.Linear(inputs, 8 * width), nn.LayerNorm(8 * width), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(
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


def _dcgan_discriminator(width: int, depth: int) -> nn.Sequential:
    at_14, at_7 = width, 2 * width
    layers: list[nn.Module] = []
    for inputs in [at_7 * 49] + [8 * width] * (depth - 1):
        layers += [nn.Linear(inputs, 8 * width), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(
        nn.Conv2d(1, at_14, 4, stride=2, padding=1),
        nn.LeakyReLU(SLOPE),
        nn.Conv2d(at_14, at_7, 4, stride=2, padding=1),
        nn.LeakyReLU(SLOPE),
        nn.Flatten(),
        *layers,
        nn.Linear(8 * width, 1),
        nn.Flatten(0),
    )


def _check(network: str, **sizes: int) -> None:
    if network not in NETWORKS:
        raise ValueError(f"gan.network={network}: must be one of {', '.join(NETWORKS)}")
    for key, size in sizes.items():
        if size < 1:
            raise ValueError(f"gan.{key}={size}: must be at least 1")


def _channels_last(network: nn.Sequential) -> nn.Sequential:
    """The memory layout convolutions are fastest in: a step takes a fifth less time on a CPU thread."""
    return network.to(memory_format=torch.channels_last)


def _glorot(network: nn.Sequential) -> nn.Sequential:
    """Uniform weights of variance 2 / (inputs + outputs), zero biases: what Keras's Dense starts from."""
    for layer in network:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return network


def _he(network: nn.Sequential) -> nn.Sequential:
    """Normal weights of variance 2 / ((1 + slope²) inputs) and zero biases: activations keep their scale.

    The last weighted layer feeds a tanh or is a logit, so its variance is 1 / inputs. An output of a stride 2
    transposed convolution sums over a quarter of the kernel's positions.
    """
    weighted = [layer for layer in network if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d))]
    for layer in weighted:
        if isinstance(layer, nn.ConvTranspose2d):
            stride = layer.stride[0] * layer.stride[1]
            inputs = layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1] // stride
        else:
            inputs = layer.weight[0].numel()
        gain = 1.0 if layer is weighted[-1] else 2 / (1 + SLOPE**2)
        nn.init.normal_(layer.weight, std=math.sqrt(gain / inputs))
        assert isinstance(layer.bias, Tensor)
        nn.init.zeros_(layer.bias)
    return network
