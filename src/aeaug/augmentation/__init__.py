"""Where and how much synthetic data enters a GAN's training, and the source it comes from."""

from typing import TYPE_CHECKING

from aeaug.augmentation.injection import AugmentationOptions

__all__ = ["AugmentationOptions", "DecodedSource"]

if TYPE_CHECKING:
    from aeaug.augmentation.source import DecodedSource
else:

    def __getattr__(name: str) -> object:
        """Options are checked without Lightning, which takes seconds to import."""
        if name != "DecodedSource":
            raise AttributeError(name)
        from aeaug.augmentation.source import DecodedSource

        return DecodedSource
