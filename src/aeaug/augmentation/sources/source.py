"""What every source of synthetic images is: images made for those of the training subset."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from aeaug.data.images import to_float
from aeaug.randomness import generator

if TYPE_CHECKING:  # Lightning takes seconds to import
    from aeaug.augmentation.augmentation import Transform
    from aeaug.gan.snapshot import Snapshot

__all__ = ["Source"]


class Source(ABC):
    """``source(indices, generator)``: an image for each training image ``indices`` of ``images: (N, H, W)`` or
    ``(N, C, H, W)`` uint8; everything stays on their device. ``snapshot``: what of a training its images depend on,
    besides; None: nothing."""

    images: Tensor
    snapshot: "Snapshot | None" = None

    @abstractmethod
    def __call__(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        """Return ``(M, C, H, W)`` in [-1, 1] for ``indices: (M,)``; ``generator`` is on the images' device."""

    @property
    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """What decides its images, beside the autoencoder, the subset, the device and the seed; JSON can hold it. Of
        a source with a snapshot it changes whenever that is taken."""

    def transform(self) -> "Transform | None":
        """T, which makes of any images ``(B, C, H, W)`` what this source makes of training images; None where it makes
        nothing of others. Gradients pass to the images."""
        return None

    @property
    def device(self) -> torch.device:
        """Where it works."""
        return self.images.device

    def sample(self, indices: Tensor, seed: int) -> Tensor:
        """Return, on the CPU, one synthetic image for each of ``indices: (M,)``; the draw depends on ``seed`` alone.
        What the GAN is shown in their places: of a source with a snapshot what it would be shown next, and of one that
        rejects images real ones among them."""
        draw = generator(seed, "evaluation of synthetic images", device=self.device)
        return self(indices.to(self.device), draw).cpu()

    def real(self, indices: Tensor) -> Tensor:
        """The training images ``(M, C, H, W)`` in [-1, 1] themselves."""
        return to_float(self.images[indices])
