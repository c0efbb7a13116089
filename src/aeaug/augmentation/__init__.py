"""Where and how much synthetic data enters a GAN's training, and the source it comes from."""

from aeaug.augmentation.injection import AugmentationOptions
from aeaug.augmentation.source import DecodedSource

__all__ = ["AugmentationOptions", "DecodedSource"]
