r"""Residual blocks, x ↦ s(x) + f(x), as Miyato et al. 2018 (arXiv:1802.05957, appendix B.4) and Gulrajani et al. 2017
(arXiv:1704.00028, appendix F) have them for CIFAR, in small: a block halves the size by averaging 2×2 pixels after f's
second convolution, or doubles it by nearest neighbours before f's first one; s does the same beside a 1×1 convolution,
and is the identity where size and channels stay.

In the generator, group normalisation with one group (Wu & He 2018, arXiv:1803.08494), as ``dcgan`` has it, in place of
batch normalisation; LeakyReLU(0.2). Between vectors and images of a quarter of the side there are fully connected
layers as in ``dcgan``, in place of the papers' one in the generator and sum over positions in the discriminator: so the
pair has as many weights as ``dcgan``'s, most of them there, and convolutions few enough for a CPU.

He initialisation; of L blocks, each f's last convolution starts with 1 / L of its variance, so that the sum grows less
than e-fold in mean square (as Zhang et al. 2019, arXiv:1901.09321, start unnormalised residual networks small).
"""

import math

from torch import Tensor, nn

from aeaug.data.images import Shape, quarters
from aeaug.gan.networks.initialisation import HE, SLOPE, he_layer

__all__ = ["ResidualBlock", "discriminator", "generator"]

UNITS = 32  # of the fully connected layer, for each channel at half the side


class ResidualBlock(nn.Module):
    """``shortcut(x) + branch(x)``."""

    def __init__(self, shortcut: nn.Sequential, branch: nn.Sequential) -> None:
        super().__init__()
        self.shortcut, self.branch = shortcut, branch

    def forward(self, x: Tensor) -> Tensor:
        """``x: (B, C, H, W)``."""
        shortcut, branch = self.shortcut(x), self.branch(x)
        total: Tensor = shortcut + branch
        return total


def generator(latent_dim: int, width: int, depth: int, shape: Shape) -> nn.Sequential:
    """``width``: channels at half the side, of which there are twice as many at a quarter and half as many, rounded up,
    at the whole; ``depth``: blocks that stay at a quarter, before the two that double the size."""
    channels, *quarter = quarters(shape)
    at_whole, at_half, at_quarter = _channels(width)
    blocks = [
        *(_normalised(at_quarter, at_quarter) for _ in range(depth)),
        _normalised(at_quarter, at_half, nn.Upsample(scale_factor=2)),
        _normalised(at_half, at_whole, nn.Upsample(scale_factor=2)),
    ]
    return _initialised(
        nn.Sequential(
            nn.Linear(latent_dim, UNITS * width),
            nn.LayerNorm(UNITS * width),
            nn.LeakyReLU(SLOPE),
            nn.Linear(UNITS * width, at_quarter * math.prod(quarter)),
            nn.Unflatten(1, (at_quarter, *quarter)),
            *blocks,
            *_active(at_whole),
            _convolution(at_whole, channels),
            nn.Tanh(),
        )
    )


def discriminator(width: int, depth: int, shape: Shape) -> nn.Sequential:
    """``width`` as of the generator; ``depth``: blocks that stay at a quarter of the side, after the two that halve
    it."""
    channels, *quarter = quarters(shape)
    at_whole, at_half, at_quarter = _channels(width)
    first = nn.Sequential(  # of pixels, which no activation comes before
        _convolution(channels, at_whole), nn.LeakyReLU(SLOPE), _convolution(at_whole, at_half), nn.AvgPool2d(2)
    )
    blocks = [
        ResidualBlock(nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(channels, at_half, 1)), first),
        _plain(at_half, at_quarter, nn.AvgPool2d(2)),
        *(_plain(at_quarter, at_quarter) for _ in range(depth)),
    ]
    return _initialised(
        nn.Sequential(
            *blocks,
            nn.LeakyReLU(SLOPE),
            nn.Flatten(),
            nn.Linear(at_quarter * math.prod(quarter), UNITS * width),
            nn.LeakyReLU(SLOPE),
            nn.Linear(UNITS * width, 1),
            nn.Flatten(0),
        )
    )


def _channels(width: int) -> tuple[int, int, int]:
    return -(-width // 2), width, 2 * width


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)


def _active(channels: int) -> tuple[nn.Module, nn.Module]:
    return nn.GroupNorm(1, channels), nn.LeakyReLU(SLOPE)


def _normalised(inputs: int, outputs: int, larger: nn.Upsample | None = None) -> ResidualBlock:
    """A block of the generator."""
    resized = [] if larger is None else [larger]
    branch = [*_active(inputs), *resized, _convolution(inputs, outputs), *_active(outputs)]
    # A 1×1 convolution and copies of pixels may change places: it has fewer to do before.
    shortcut = [] if larger is None else [nn.Conv2d(inputs, outputs, 1), larger]
    return ResidualBlock(nn.Sequential(*shortcut), nn.Sequential(*branch, _convolution(outputs, outputs)))


def _plain(inputs: int, outputs: int, smaller: nn.AvgPool2d | None = None) -> ResidualBlock:
    """A block of the discriminator."""
    resized = [] if smaller is None else [smaller]
    branch = [nn.LeakyReLU(SLOPE), _convolution(inputs, inputs), nn.LeakyReLU(SLOPE), _convolution(inputs, outputs)]
    # So may one and an average.
    shortcut = [] if smaller is None else [smaller, nn.Conv2d(inputs, outputs, 1)]
    return ResidualBlock(nn.Sequential(*shortcut), nn.Sequential(*branch, *resized))


def _initialised(network: nn.Sequential) -> nn.Sequential:
    blocks = [layer for layer in network if isinstance(layer, ResidualBlock)]
    gains: dict[nn.Module, float] = {}
    for block in blocks:
        gains |= {layer: 1.0 for layer in block.shortcut}
        gains[[layer for layer in block.branch if isinstance(layer, nn.Conv2d)][-1]] = HE / len(blocks)
    weighted = [layer for layer in network.modules() if isinstance(layer, (nn.Linear, nn.Conv2d))]
    gains[weighted[-1]] = 1.0  # feeds a tanh, or is a logit
    for layer in weighted:
        he_layer(layer, gains.get(layer, HE))
    return network
