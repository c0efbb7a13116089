"""The GAN: networks, losses, regularizers, and its manually optimized LightningModule."""

from aeaug.gan.module import Diverged, GANModule

__all__ = ["Diverged", "GANModule"]
