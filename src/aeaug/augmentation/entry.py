"""Where a training and what is to enter it meet, before its first step."""

from aeaug.augmentation.augmentation import Augmentation
from aeaug.augmentation.schedules import Schedule, share_of
from aeaug.augmentation.sources import Source
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.augmentation.transform import AutoencoderTransform
from aeaug.data import MNISTDataModule
from aeaug.gan.module import GANModule
from aeaug.schedules import Timed

__all__ = ["enter_training"]


def enter_training(
    augmentation: Augmentation, schedule: Schedule | Timed, source: Source, module: GANModule, data: MNISTDataModule
) -> None:
    """Have ``data`` mix in what ``source`` makes, or ``module`` make use of the autoencoder behind it in its steps, at
    the share of the rate or weight that ``schedule`` says."""
    share = share_of(schedule, module)
    if rates := augmentation.rates():
        data.inject(source, **rates, share=share)
    if isinstance(source, DecodedSource):
        augmentation.enter(module, AutoencoderTransform(source.autoencoder, source.codes, source.perturbation), share)
