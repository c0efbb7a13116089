"""decoded: clean codes of the training images, perturbed afresh, decoded by the frozen autoencoder."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from typing_extensions import override

from aeaug.augmentation.augmentation import Transform
from aeaug.augmentation.sources.source import Source
from aeaug.augmentation.transform import AutoencoderTransform
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import to_float
from aeaug.gan.snapshot import Snapshot
from aeaug.perturbation import LatentCodes, PerturbationOptions
from aeaug.training.divergence import require_finite

__all__ = ["DecodedSource"]

CHUNK = 8192


class DecodedSource(Source):
    """The codes of ``images`` are computed once."""

    def __init__(
        self,
        autoencoder: AutoencoderModule,
        images: Tensor,
        perturbation: PerturbationOptions,
        labels: Tensor | None = None,
        snapshot: Snapshot | None = None,
        classes: int = 0,
    ) -> None:
        """``images: (N, H, W)`` or ``(N, C, H, W)`` uint8, where it is to work; ``labels: (N,)`` int64, for
        perturbations that use them; ``snapshot``: for those that ask the discriminator, on the same device;
        ``classes``: how many there are, for filters and gates that tell them apart."""
        assert images.dtype == torch.uint8  # so what is not finite, the autoencoder has made
        self.images, self.classes = images, classes
        self.autoencoder = autoencoder.to(images.device).eval().requires_grad_(False)
        self.perturbation = perturbation
        self.snapshot = snapshot if perturbation.asking() else None
        with torch.no_grad():
            parts = [autoencoder.posterior(to_float(part)) for part in images.split(CHUNK)]
        deviations = [deviation for _, deviation in parts if deviation is not None]
        self.codes = LatentCodes(
            torch.cat([z for z, _ in parts]),
            torch.cat(deviations) if deviations else None,
            None if labels is None else labels.to(images.device),
            None if self.snapshot is None else self._score,
        )

    def _score(self, z: Tensor) -> Tensor:
        assert self.snapshot is not None
        return self.snapshot(self.autoencoder.decode(z))

    @override
    @torch.no_grad()
    def __call__(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        """Raises :class:`aeaug.training.divergence.Diverged` where an image is not finite."""
        z = self.perturbation(self.codes, indices, generator)
        images = torch.cat([self.autoencoder.decode(part) for part in z.split(CHUNK)])
        return require_finite(images, "autoencoder", "from the perturbed codes of training images")

    @override
    def transform(self) -> Transform:
        return AutoencoderTransform(self.autoencoder, self.codes, self.perturbation)

    @property
    @override
    def identity(self) -> Mapping[str, Any]:
        asked = {} if self.snapshot is None else {"discriminator": self.snapshot.identity}
        return {"perturbation": self.perturbation.model_dump(mode="json"), **asked}
