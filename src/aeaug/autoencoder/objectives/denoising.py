r"""denoising: a clean image is to come from the code of a noisy one.

Vincent et al. 2008 (ICML), with Gaussian noise as in their JMLR paper of 2010, section 3.2: the encoder is shown
:math:`y + \sigma\varepsilon`, intensities with noise that is not clipped, and the loss compares with y. Codes are those
of clean images.
"""

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.autoencoder.objectives.objective import Networks, Objective

__all__ = ["Denoising"]


class Denoising(Objective):
    """``autoencoder=denoising``."""

    random = True

    def __init__(self, noise: float) -> None:
        """``noise``: σ, of intensities in [0, 1]."""
        self.noise = noise

    @override
    def loss(self, intensity: Tensor, networks: Networks, draw: torch.Generator | None) -> Tensor:
        shown = intensity
        if draw is not None:
            shown = intensity + self.noise * torch.randn(intensity.shape, generator=draw, device=intensity.device)
        return networks.error(networks.decoder(networks.encoder(shown)), intensity)
