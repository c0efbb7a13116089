"""plain: an image is to be what it was encoded from."""

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.autoencoder.objectives.objective import Networks, Objective

__all__ = ["Plain"]


class Plain(Objective):
    """``autoencoder=article``, ``mlp`` and ``conv``."""

    @override
    def loss(self, intensity: Tensor, networks: Networks, draw: torch.Generator | None) -> Tensor:
        return networks.error(networks.decoder(networks.encoder(intensity)), intensity)
