r"""rae: a deterministic autoencoder whose codes are held near the origin and whose decoder is smooth.

Ghosh et al. 2020 (arXiv:1903.12436), equation 11 with spectral normalisation for the decoder's regularisation
(RAE-SN): with P pixels,

.. math:: L = \ell(x) + \frac{\lambda}{P} \cdot \tfrac12 \|z\|^2,

ℓ the mean over pixels. Every weight of the decoder is divided by its largest singular value, tracked by a step of power
iteration in training (Miyato et al. 2018, arXiv:1802.05957), so that near codes are near images; logits can then be
large only where codes are.
"""

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.autoencoder.objectives.objective import Networks, Objective

__all__ = ["RAE"]


class RAE(Objective):
    """``autoencoder=rae``."""

    def __init__(self, weight: float) -> None:
        """``weight``: λ, of the codes' squared norm."""
        self.weight = weight

    @override
    def loss(self, intensity: Tensor, networks: Networks, draw: torch.Generator | None) -> Tensor:
        z = networks.encoder(intensity)
        norm = z.square().sum(1).mean() / 2
        return networks.error(networks.decoder(z), intensity) + self.weight * norm / intensity[0].numel()
