"""aeaug: when does an autoencoder help a GAN?

An autoencoder is trained on a small image set, its latent codes are perturbed, the decoded images are injected into a
GAN's training, and what that does is measured. From the command line down, and imports never turn back:

- ``cli`` → ``sweep``: what Hydra composes, and many runs at once → ``run``: one run's life, its folder and its rows
- ``run`` → ``evaluation`` → ``augmentation`` → ``perturbation``, ``autoencoder``, ``gan`` → ``data``: the stages
- ``library``: the augmentation alone, for anybody's own loop (:class:`aeaug.LatentAugmenter`); ``export``: image files
- ``report``: from the table of many runs to verdicts, figures and a page
- ``training``: how Lightning is used; ``artifacts``, ``randomness``: what all may use; ``benchmark``: how fast it is
"""

from importlib.metadata import version
from typing import TYPE_CHECKING

__all__ = ["LatentAugmenter", "__version__"]

__version__ = version("aeaug")

if TYPE_CHECKING:
    from aeaug.library.augmenter import LatentAugmenter
else:

    def __getattr__(name: str) -> object:
        """PyTorch and Lightning take seconds to import."""
        if name != "LatentAugmenter":
            raise AttributeError(f"module 'aeaug' has no attribute {name!r}")
        from aeaug.library.augmenter import LatentAugmenter

        return LatentAugmenter
