r"""The space ``random``: a convolutional net of fixed random weights, for any shape of images, that no image taught.

Its body is that of :class:`aeaug.evaluation.features.FeatureNet`. Weights are uniform with variance 2 / fan-in (He et
al. 2015, arXiv:1502.01852), so that the rectifiers keep the scale of what passes them, and biases are 0:

.. math:: w \sim U\Bigl(-\sqrt{6 / \text{fan-in}}, \sqrt{6 / \text{fan-in}}\Bigr).

Naeem et al. (2020, arXiv:2002.09797) measure in the features of a randomly initialised net where images are far from
those of ImageNet: it has learnt the bias of no data set. Uniform draws are exact arithmetic on a stream of integers, so
weights, and the hash of them, are the same on every machine; an orthogonal matrix, by a decomposition, would not be.
"""

import math

import torch
from torch import nn

from aeaug.data.description import DataSet
from aeaug.data.subset import fingerprint
from aeaug.evaluation.features import FeatureNet, net_for
from aeaug.randomness import generator

__all__ = ["untrained_net"]


def untrained_net(data: DataSet, device: torch.device | str = "cpu") -> tuple[FeatureNet, str]:
    """The random net for the shape of ``data``, frozen, in evaluation mode, and the SHA-256 of its weights."""
    net = net_for(data, classes=False).to_empty(device="cpu").requires_grad_(False)
    draw = generator(0, "random feature net")
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            assert layer.bias is not None
            bound = math.sqrt(6 / layer.weight[0].numel())
            layer.weight.copy_((2 * torch.rand(layer.weight.shape, generator=draw) - 1) * bound)
            layer.bias.zero_()
    return net.to(device).eval(), fingerprint(*net.state_dict().values())
