r"""What may be done to the layers of a discriminator: spectral normalisation and dropout.

**Spectral normalisation** (Miyato et al. 2018, arXiv:1802.05957): every weight W, as a matrix of outputs by inputs, is
divided by its largest singular value, W / σ(W). With activations of slope at most 1, D is then about 1-Lipschitz for
linear layers (of convolutions the matrix of their kernel is normalised, as in the paper, which bounds their norm up to
a factor; and a residual block adds two of them): σ is tracked by one step of power iteration at each of the
discriminator's own steps, PyTorch's parametrization, and is a little too small until that has converged. Whoever only
looks at it, penalties, the generator's step, a probe, moves nothing.

**Dropout** (Srivastava et al. 2014) after every hidden activation: each unit is left out with probability q, and the
others are multiplied by 1 / (1 − q). The draws are those of a generator that is handed over for each pass, so that a
run is a function of its seed; without one nothing is left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

__all__ = ["Dropout", "dropping", "looked_at", "regularised"]

_WEIGHTED, _ACTIVATIONS = (nn.Linear, nn.Conv2d), (nn.ReLU, nn.LeakyReLU)


class Dropout(nn.Module):
    """``x -> x m / (1 - q)``, m of ``generator``; the identity while that is None."""

    def __init__(self, q: float) -> None:
        super().__init__()
        self.q = q
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """``x``: of any shape, on the generator's device."""
        if self.generator is None:
            return x
        kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.q
        return x * kept / (1 - self.q)


def regularised(network: nn.Sequential, spectral: bool, dropout: float) -> nn.Sequential:
    """Return ``network`` with its weights normalised where ``spectral``, and with a :class:`Dropout` of q = ``dropout``
    after every activation where that is above 0; so too what its blocks are made of."""
    layers: list[nn.Module] = []
    for layer in network:
        for name, part in layer.named_children():
            if isinstance(part, nn.Sequential):
                setattr(layer, name, regularised(part, spectral, dropout))
        layers.append(spectral_norm(layer) if spectral and isinstance(layer, _WEIGHTED) else layer)
        if dropout and isinstance(layer, _ACTIVATIONS):
            layers.append(Dropout(dropout))
    return nn.Sequential(*layers)


@contextmanager
def dropping(network: nn.Module, draw: torch.Generator) -> Iterator[None]:
    """Within it, the dropout of ``network`` takes its draws from ``draw``."""
    layers = [layer for layer in network.modules() if isinstance(layer, Dropout)]
    for layer in layers:
        layer.generator = draw
    try:
        yield
    finally:
        for layer in layers:
            layer.generator = None


@contextmanager
def looked_at(network: nn.Module) -> Iterator[None]:
    """Within it, power iteration stands still."""
    training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(training)
