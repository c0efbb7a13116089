"""What weights start from, drawn from the global stream: Glorot's uniform ones and He's normal ones, biases at zero."""

import math

from torch import Tensor, nn

__all__ = ["HE", "SLOPE", "glorot", "he", "he_layer"]

SLOPE = 0.2  # of LeakyReLU below zero
HE = 2 / (1 + SLOPE**2)
"""What a layer before a LeakyReLU multiplies the mean square of activations by, which that takes back."""


def glorot(network: nn.Sequential) -> nn.Sequential:
    """Uniform weights of variance 2 / (inputs + outputs), zero biases: what Keras's Dense starts from."""
    for layer in network:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return network


def he(network: nn.Sequential) -> nn.Sequential:
    """Normal weights of variance 2 / ((1 + slope²) inputs) and zero biases: activations keep their scale.

    The last weighted layer feeds a tanh or is a logit, so its variance is 1 / inputs.
    """
    weighted = [layer for layer in network if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d))]
    for layer in weighted:
        he_layer(layer, 1.0 if layer is weighted[-1] else HE)
    return network


def he_layer(layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, gain: float) -> None:
    """Normal weights of variance ``gain`` / inputs and zero biases.

    An output of a stride 2 transposed convolution sums over a quarter of the kernel's positions.
    """
    if isinstance(layer, nn.ConvTranspose2d):
        stride = layer.stride[0] * layer.stride[1]
        inputs = layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1] // stride
    else:
        inputs = layer.weight[0].numel()
    nn.init.normal_(layer.weight, std=math.sqrt(gain / inputs))
    assert isinstance(layer.bias, Tensor)
    nn.init.zeros_(layer.bias)
