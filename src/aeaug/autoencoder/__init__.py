"""The autoencoder: networks, its LightningModule, and its training as a stored artifact."""

from typing import TYPE_CHECKING

__all__ = ["AutoencoderModule"]

if TYPE_CHECKING:
    from aeaug.autoencoder.module import AutoencoderModule
else:

    def __getattr__(name: str) -> object:
        """Options are checked without Lightning, which takes seconds to import."""
        if name != "AutoencoderModule":
            raise AttributeError(name)
        from aeaug.autoencoder.module import AutoencoderModule

        return AutoencoderModule
