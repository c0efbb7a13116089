"""The share of augmentation: seconds in the sample source over the other seconds of the GAN's training."""

import time
from itertools import pairwise
from pathlib import Path

from aeaug.augmentation import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.benchmark.training import trainer_worker
from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.perturbation.gaussian import Gaussian

__all__ = ["augmentation_seconds"]


def augmentation_seconds(
    module: GANModule, data: MNISTDataModule, folder: Path, steps: int, blocks: int
) -> list[tuple[float, float]]:
    """Seconds of (augmentation, everything else) in each of ``blocks`` blocks of ``steps`` steps.

    One synthetic image for every real one, made by the article's autoencoder, untrained: it takes as long as a trained
    one. ``steps`` should be a multiple of the batches that the loader prepares at once.
    """
    autoencoder = AutoencoderModule("article")
    source = DecodedSource(autoencoder, data.train_images, Gaussian(name="gaussian", gamma=0.5))
    data.inject(source, ratio=1.0)
    noted: list[tuple[float, float]] = []  # (clock, augmentation so far)

    def pause() -> bool:
        assert data.loader is not None
        noted.append((time.perf_counter(), data.loader.augmentation_seconds))
        return len(noted) <= blocks

    trainer_worker(lambda: (module, data), folder, steps)(pause)
    changes = [(end[0] - begin[0], end[1] - begin[1]) for begin, end in pairwise(noted)]
    return [(augmenting, seconds - augmenting) for seconds, augmenting in changes]
