r"""vae: codes are draws from the encoder's Gaussian, which is to be near a standard one.

Kingma & Welling 2014 (arXiv:1312.6114), appendix B, with the weight β of Higgins et al. 2017. The encoder says
:math:`\mu(x)` and :math:`\log \sigma^2(x)`, D numbers each, and with P pixels

.. math::
    L = \mathbb{E}_\varepsilon\,\ell(\mu + \sigma \odot \varepsilon, y)
        + \frac{\beta}{P} \cdot \tfrac12 \textstyle\sum_d (\mu_d^2 + \sigma_d^2 - 1 - \log \sigma_d^2),

ℓ the mean over pixels: with cross-entropy and β = 1 it is the negative evidence lower bound a pixel (up to the constant
that intensities between 0 and 1 leave; Loaiza-Ganem & Cunningham 2019, arXiv:1907.06845). An image's code is μ(x).
"""

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.autoencoder.objectives.objective import Networks, Objective

__all__ = ["VAE", "divergence", "posterior"]

LOG_VARIANCES = -20.0, 6.0
"""Where log σ² is cut: σ from 1/22,000 to 20 times the prior's. Beyond, a step that went too far would not return."""


def posterior(encoded: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation, ``(B, D)`` each, in what the encoder says, ``(B, 2 D)``."""
    mean, log_variance = encoded.chunk(2, dim=1)
    return mean, (log_variance.clamp(*LOG_VARIANCES) / 2).exp()


def divergence(mean: Tensor, deviation: Tensor) -> Tensor:
    """Kullback-Leibler divergence ``(B,)`` of N(``mean``, ``deviation``²), ``(B, D)`` both, from N(0, I), in nats."""
    return (mean.square() + deviation.square() - 1 - 2 * deviation.log()).sum(1) / 2


class VAE(Objective):
    """``autoencoder=vae`` and ``conv_vae``."""

    random = True

    def __init__(self, beta: float) -> None:
        """``beta``: weight of the divergence."""
        self.beta = beta

    @override
    def loss(self, intensity: Tensor, networks: Networks, draw: torch.Generator | None) -> Tensor:
        mean, deviation = posterior(networks.encoder(intensity))
        z = mean
        if draw is not None:
            z = mean + deviation * torch.randn(mean.shape, generator=draw, device=mean.device)
        pixels = intensity[0].numel()
        return networks.error(networks.decoder(z), intensity) + self.beta * divergence(mean, deviation).mean() / pixels

    @override
    def mean_code(self, encoded: Tensor) -> Tensor:
        return posterior(encoded)[0]
