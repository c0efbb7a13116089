"""The autoencoder: networks, its LightningModule, and its training as a stored artifact."""

from aeaug.autoencoder.module import AutoencoderModule

__all__ = ["AutoencoderModule"]
