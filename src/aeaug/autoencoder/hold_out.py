"""Which images of the subset an autoencoder's training holds out."""

from torch import Tensor

from aeaug.autoencoder.options import AutoencoderOptions, ClosedFormOptions
from aeaug.autoencoder.training import _held_out  # its name there is part of what autoencoders are trained anew for
from aeaug.data import MNISTDataModule

__all__ = ["held_out_images"]


def held_out_images(options: AutoencoderOptions | ClosedFormOptions, data: MNISTDataModule) -> Tensor | None:
    """Return the images ``(M, H, W)`` or ``(M, C, H, W)`` uint8 of ``data``'s training subset that are not trained on
    but decide when to stop; None where all of the subset is trained on."""
    if not isinstance(options, AutoencoderOptions) or options.stopping != "hold_out":
        return None
    return _held_out(options, data)[1]
