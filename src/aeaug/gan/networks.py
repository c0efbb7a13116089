r"""Generators and discriminators of 28×28 images.

A generator is :math:`G: \mathbb{R}^d \to [-1, 1]^{784}`. A discriminator :math:`D: \mathbb{R}^{784} \to \mathbb{R}`
gives a logit: :math:`\sigma(D(x))` is the probability that x is real.

``article`` is the article's pair, d-256-256-784 with tanh and 784-256-256-1, ReLU in between, initialised as Keras
does (Glorot uniform, zero biases). ``mlp`` adds layer normalisation (Ba et al. 2016, arXiv:1607.06450) to every
hidden layer of the generator; ``dcgan`` is convolutional, after Radford et al. 2016 (arXiv:1511.06434), with group
normalisation (Wu & He 2018, arXiv:1803.08494) in the place of batch normalisation. Both use LeakyReLU(0.2) and He
initialisation (He et al. 2015, arXiv:1502.01852). No discriminator is normalised: R1 does that work.

No layer looks across a batch or keeps running statistics: G(z) and D(x) depend on the one z or x alone, and a
network's state is its parameters.
"""

import math

from torch import Tensor, nn

__all__ = ["NETWORKS", "build_discriminator", "build_generator"]

NETWORKS = ("article", "mlp", "dcgan")
PIXELS = 784
SLOPE = 0.2  # of LeakyReLU below zero


def build_generator(network: str, latent_dim: int, width: int) -> nn.Module:
    """Return a module ``z (B, latent_dim) -> (B, 1, 28, 28)`` in [-1, 1], its weights drawn from the global stream.

    Args:
        network: ``article``, ``mlp`` or ``dcgan``.
        latent_dim: d; z is meant to be standard normal.
        width: units of a hidden layer; for ``dcgan`` the channels at 14×14, half of those at 7×7.

    Raises:
        ValueError: if ``network`` is unknown or a size is below 1.
    """
    _check(network, latent_dim=latent_dim, generator_width=width)
    if network == "article":
        return _glorot(
            nn.Sequential(
                nn.Linear(latent_dim, width),
                nn.ReLU(),
                nn.Linear(width, width),
                nn.ReLU(),
                nn.Linear(width, PIXELS),
                nn.Tanh(),
                nn.Unflatten(1, (1, 28, 28)),
            )
        )
    if network == "mlp":
        return _he(
            nn.Sequential(
                nn.Linear(latent_dim, width),
                nn.LayerNorm(width),
                nn.LeakyReLU(SLOPE),
                nn.Linear(width, width),
                nn.LayerNorm(width),
                nn.LeakyReLU(SLOPE),
                nn.Linear(width, PIXELS),
                nn.Tanh(),
                nn.Unflatten(1, (1, 28, 28)),
            )
        )
    return _he(
        nn.Sequential(
            nn.Linear(latent_dim, 2 * width * 49),
            nn.Unflatten(1, (2 * width, 7, 7)),
            nn.GroupNorm(1, 2 * width),  # one group: all channels and positions of the one image
            nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),  # 14×14
            nn.GroupNorm(1, width),
            nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),  # 28×28
            nn.Tanh(),
        )
    )


def build_discriminator(network: str, width: int) -> nn.Module:
    """Return a module ``x (B, 1, 28, 28) -> logits (B,)``, its weights drawn from the global stream.

    Args:
        network: ``article``, ``mlp`` or ``dcgan``.
        width: units of a hidden layer; for ``dcgan`` the channels at 14×14, half of those at 7×7.

    Raises:
        ValueError: if ``network`` is unknown or a size is below 1.
    """
    _check(network, discriminator_width=width)
    if network == "article":
        return _glorot(
            nn.Sequential(
                nn.Flatten(),
                nn.Linear(PIXELS, width),
                nn.ReLU(),
                nn.Linear(width, width),
                nn.ReLU(),
                nn.Linear(width, 1),
                nn.Flatten(0),
            )
        )
    if network == "mlp":
        return _he(
            nn.Sequential(
                nn.Flatten(),
                nn.Linear(PIXELS, width),
                nn.LeakyReLU(SLOPE),
                nn.Linear(width, width),
                nn.LeakyReLU(SLOPE),
                nn.Linear(width, 1),
                nn.Flatten(0),
            )
        )
    return _he(
        nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1),  # 14×14
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),  # 7×7
            nn.LeakyReLU(SLOPE),
            nn.Flatten(),
            nn.Linear(2 * width * 49, 1),
            nn.Flatten(0),
        )
    )


def _check(network: str, **sizes: int) -> None:
    if network not in NETWORKS:
        raise ValueError(f"gan.network={network}: must be one of {', '.join(NETWORKS)}")
    for key, size in sizes.items():
        if size < 1:
            raise ValueError(f"gan.{key}={size}: must be at least 1")


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
