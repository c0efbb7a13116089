r"""Generators and discriminators of images, one pair a file.

Of images with p pixels, a generator is a function :math:`G: \mathbb{R}^d \to [-1, 1]^p`, a discriminator one from
:math:`\mathbb{R}^p` to a logit: :math:`\sigma(D(x))` is the probability that x is real.

No layer looks across a batch or keeps statistics of images: G(z) and D(x) depend on the one z or x alone. No
discriminator is normalised unless that is asked for (:mod:`aeaug.gan.regularised`): R1 does that work.

To add one: write its file here, add it to :data:`PAIRS` and to :data:`Network` below, and give it a
``conf/gan/<name>.yaml``; tests/gan/test_networks.py finds it.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

import torch
from torch import nn

from aeaug.data.images import Shape
from aeaug.data.sets.mnist import MNIST
from aeaug.gan.networks import article, dcgan, mlp, resnet
from aeaug.gan.regularised import regularised

__all__ = ["NETWORKS", "Network", "build_discriminator", "build_generator"]

Network = Literal["article", "mlp", "dcgan", "resnet"]
NETWORKS: tuple[Network, ...] = get_args(Network)


class Pair(NamedTuple):
    """``generator(latent_dim, width, depth, shape)`` and ``discriminator(width, depth, shape)``."""

    generator: Callable[[int, int, int, Shape], nn.Sequential]
    discriminator: Callable[[int, int, Shape], nn.Sequential]


PAIRS: dict[Network, Pair] = {
    "article": Pair(article.generator, article.discriminator),
    "mlp": Pair(mlp.generator, mlp.discriminator),
    "dcgan": Pair(dcgan.generator, dcgan.discriminator),
    "resnet": Pair(resnet.generator, resnet.discriminator),
}


def build_generator(network: str, latent_dim: int, width: int, depth: int, shape: Shape = MNIST.shape) -> nn.Module:
    """Return ``z (B, latent_dim) -> images (B, C, H, W)`` in [-1, 1]; weights drawn from the global stream.

    Args:
        network: ``article``, ``mlp``, ``dcgan`` or ``resnet``.
        latent_dim: d; z is meant to be standard normal.
        width: units of a hidden layer; for ``dcgan`` and ``resnet`` the channels at half the side; there are twice as
            many at a quarter of it.
        depth: hidden layers; for ``dcgan`` those before the convolutions, of 8 ``width`` units; for ``resnet`` blocks
            at a quarter of the side.
        shape: (C, H, W) of an image; for ``dcgan`` and ``resnet``, H and W are multiples of 4.

    Raises:
        ValueError: if ``network`` is unknown, a size is below 1, or it has no images of this shape.
    """
    pair = _pair(network, latent_dim=latent_dim, generator_width=width, generator_depth=depth)
    return _channels_last(pair.generator(latent_dim, width, depth, shape))


def build_discriminator(
    network: str,
    width: int,
    depth: int,
    spectral_norm: bool = False,
    dropout: float = 0.0,
    shape: Shape = MNIST.shape,
) -> nn.Module:
    """Return ``images (B, C, H, W) -> logits (B,)``; weights drawn from the global stream.

    Args:
        network: ``article``, ``mlp``, ``dcgan`` or ``resnet``.
        width: units of a hidden layer; for ``dcgan`` and ``resnet`` the channels at half the side; there are twice as
            many at a quarter of it.
        depth: hidden layers; for ``dcgan`` those after the convolutions, of 8 ``width`` units; for ``resnet`` blocks
            at a quarter of the side.
        shape: (C, H, W) of an image; for ``dcgan`` and ``resnet``, H and W are multiples of 4.
        spectral_norm: whether weights are divided by their spectral norm (:mod:`aeaug.gan.regularised`).
        dropout: share of the hidden units that is dropped, in [0, 1); 0: none.

    Raises:
        ValueError: if ``network`` is unknown, a size is below 1, or it has no images of this shape.
    """
    pair = _pair(network, discriminator_width=width, discriminator_depth=depth)
    built = _channels_last(pair.discriminator(width, depth, shape))
    return regularised(built, spectral_norm, dropout) if spectral_norm or dropout else built


def _pair(network: str, **sizes: int) -> Pair:
    if network not in PAIRS:
        raise ValueError(f"gan.network={network}: must be one of {', '.join(NETWORKS)}")
    for key, size in sizes.items():
        if size < 1:
            raise ValueError(f"gan.{key}={size}: must be at least 1")
    return PAIRS[network]


def _channels_last(network: nn.Sequential) -> nn.Sequential:
    """The memory layout convolutions are fastest in: a step takes a fifth less time on a CPU thread."""
    return network.to(memory_format=torch.channels_last)
