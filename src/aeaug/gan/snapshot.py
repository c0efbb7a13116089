"""A frozen copy of the discriminator as it was when an epoch began, for filters and perturbations that ask it.

A checkpoint is written at the end of an epoch, so the discriminator in it is the snapshot of the next one: nothing more
has to be kept, and a training that goes on shows the images of one that nobody disturbed. Within an epoch the snapshot
stands still, whatever the discriminator learns meanwhile: image t is a function of (seed, t), of the rates, and of it.
All processes of a training have the same weights, and so the same snapshot.

In the first epoch it is of an untrained network: what that finds real is arbitrary, and for one seed always the same.
"""

from copy import deepcopy
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from aeaug.data.subset import fingerprint

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.gan.module import GANModule

__all__ = ["Snapshot"]


class Snapshot:
    """``snapshot(images)``: logits as :meth:`GANModule.judge` gives them, without views or dropout, in float32; weights
    and power iteration stand still, and gradients pass to the images alone."""

    def __init__(self, module: "GANModule", device: torch.device) -> None:
        """Of the discriminator of ``module`` as it is now; ``device``: where the images are that it is asked about."""
        self._module = module
        self._network = deepcopy(module.discriminator).to(device).eval().requires_grad_(False)
        self.taken = 0
        """How often it was taken anew: what is worked out from it holds until that changes."""

    def take(self) -> None:
        """Take it anew: before the first image of an epoch is made, and at the end of a training."""
        self._network.load_state_dict(self._module.discriminator.state_dict())
        self.taken += 1

    def __call__(self, images: Tensor) -> Tensor:
        """Return ``(B,)`` for ``images: (B, C, H, W)`` in [-1, 1]."""
        with torch.autocast(images.device.type, enabled=False):
            logits: Tensor = self._network(images.float())
        return logits

    @property
    def identity(self) -> str:
        """A hash of its weights."""
        return fingerprint(*(weights.float() for weights in self._network.state_dict().values()))
