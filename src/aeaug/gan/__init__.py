"""The GAN: networks, losses, penalties, views, and its manually optimized LightningModule."""

from typing import TYPE_CHECKING

__all__ = ["GANModule"]

if TYPE_CHECKING:
    from aeaug.gan.module import GANModule
else:

    def __getattr__(name: str) -> object:
        """Options are checked without Lightning, which takes seconds to import."""
        if name != "GANModule":
            raise AttributeError(name)
        from aeaug.gan.module import GANModule

        return GANModule
