"""The GAN: networks, losses, regularizers, and its manually optimized LightningModule."""

from aeaug.gan.module import GANModule

__all__ = ["GANModule"]
