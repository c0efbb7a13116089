"""T: the autoencoder as a transform of any images, x ↦ decode(perturb(encode(x)))."""

import torch
from torch import Tensor

from aeaug.autoencoder import AutoencoderModule
from aeaug.perturbation import Encoded, LatentCodes, PerturbationOptions

__all__ = ["AutoencoderTransform"]


class AutoencoderTransform:
    """``transform(images, generator)``. Gradients pass to the images through the frozen networks, as far as the
    perturbation lets them."""

    def __init__(self, autoencoder: AutoencoderModule, codes: LatentCodes, perturbation: PerturbationOptions) -> None:
        """``codes``: of the training subset, which the perturbation may need to know."""
        self.autoencoder = autoencoder.eval().requires_grad_(False)
        self.codes, self.perturbation = codes, perturbation

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Return ``(B, C, H, W)`` in [-1, 1] for ``images: (B, C, H, W)`` in [-1, 1], all on one device."""
        # As decoded images are made that are injected: in float32, whatever the GAN's precision.
        with torch.autocast(images.device.type, enabled=False):
            z, deviation = self.autoencoder.posterior(images.float())
            encoded = Encoded(z, deviation=deviation)
            return self.autoencoder.decode(self.perturbation.moved(encoded, self.codes, generator))
