"""The sample source behind every injection: clean codes, perturbed afresh, decoded by the frozen autoencoder."""

import torch
from torch import Tensor

from aeaug.autoencoder import AutoencoderModule
from aeaug.data import to_float
from aeaug.perturbation import LatentCodes, PerturbationOptions
from aeaug.randomness import generator
from aeaug.training.divergence import require_finite

__all__ = ["DecodedSource"]

CHUNK = 8192


class DecodedSource:
    """``source(indices, generator)``: images decoded from the perturbed codes of training images ``indices``.

    The codes of ``images: (N, 28, 28)`` uint8 are computed once; everything stays on ``images``' device.
    """

    def __init__(self, autoencoder: AutoencoderModule, images: Tensor, perturbation: PerturbationOptions) -> None:
        assert images.dtype == torch.uint8  # so what is not finite, the autoencoder has made
        self.autoencoder = autoencoder.to(images.device).eval().requires_grad_(False)
        self.perturbation = perturbation
        with torch.no_grad():
            self.codes = LatentCodes(torch.cat([autoencoder.encode(to_float(p)) for p in images.split(CHUNK)]))

    @torch.no_grad()
    def __call__(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        """Return ``(M, 1, 28, 28)`` in [-1, 1] for ``indices: (M,)``; ``generator`` is on the codes' device.

        Raises :class:`aeaug.training.divergence.Diverged` where an image is not finite.
        """
        z = self.perturbation(self.codes, indices, generator)
        images = torch.cat([self.autoencoder.decode(part) for part in z.split(CHUNK)])
        return require_finite(images, "autoencoder", "from the perturbed codes of training images")

    def sample(self, indices: Tensor, seed: int) -> Tensor:
        """Return, on the CPU, one synthetic image for each of ``indices: (M,)``; the draw depends on ``seed`` alone."""
        device = self.codes.z.device
        draw = generator(seed, "evaluation of synthetic images", device=device)
        return self(indices.to(device), draw).cpu()
