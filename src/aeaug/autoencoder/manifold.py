"""What an autoencoder with codes of two numbers makes of all of them: its manifold, as far as training codes reach.

A grid of decoded codes, as Kingma & Welling 2014 (arXiv:1312.6114, figure 4) show theirs: the first number grows to the
right, the second upwards, each through the quantiles of the training codes, from the 1st to the 99th hundredth, so that
as many of them lie between any two columns, and between any two rows.
"""

import torch
from torch import Tensor

from aeaug.autoencoder.module import AutoencoderModule
from aeaug.training.pictures import grid

__all__ = ["SIDE", "manifold", "manifold_codes"]

SIDE = 20  # images in a row, and in a column
ENDS = (0.01, 0.99)
CHUNK = 4096


def manifold_codes(codes: Tensor, side: int = SIDE) -> Tensor:
    """Return the codes ``(side², 2)`` of the picture for training ``codes: (N, 2)``, row by row from its upper left."""
    steps = torch.linspace(*ENDS, side, dtype=torch.float64)
    across, up = codes.double().quantile(steps.to(codes.device), dim=0).T
    second, first = torch.meshgrid(up.flip(0), across, indexing="ij")
    return torch.stack([first.flatten(), second.flatten()], 1).to(codes.dtype)


@torch.no_grad()
def manifold(autoencoder: AutoencoderModule, images: Tensor) -> Tensor:
    """Return the picture ``(C, H, W)`` in [0, 1] for the training ``images: (N, C, H, W)`` in [-1, 1] of an
    ``autoencoder`` with ``latent_dim`` 2."""
    assert autoencoder.latent_dim == 2
    codes = torch.cat([autoencoder.encode(part.to(autoencoder.device)) for part in images.split(CHUNK)])
    return grid(autoencoder.decode(manifold_codes(codes)), SIDE)
