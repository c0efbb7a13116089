"""Where a training and what is to enter it meet, before its first step."""

from torch import Tensor

from aeaug.augmentation.augmentation import Augmentation
from aeaug.augmentation.filters import Filter
from aeaug.augmentation.filters.filtered import FilteredSource
from aeaug.augmentation.schedules import Schedule, share_of
from aeaug.augmentation.sources import Source
from aeaug.augmentation.sources.decoded import DecodedSource
from aeaug.augmentation.sources.options import SourceOptions
from aeaug.autoencoder import AutoencoderModule
from aeaug.data import MNISTDataModule
from aeaug.gan.module import GANModule
from aeaug.gan.snapshot import Snapshot
from aeaug.perturbation import PerturbationOptions

__all__ = ["enter_training", "synthetic_source"]


def synthetic_source(
    source: SourceOptions,
    perturbation: PerturbationOptions,
    filter_: Filter,
    autoencoder: AutoencoderModule,
    images: Tensor,
    labels: Tensor,
    classes: int,
    fresh: Tensor,
    module: GANModule,
    seed: int,
) -> Source:
    """Return what these options make, by ``autoencoder``, of the training subset ``images: (N, H, W)`` uint8 with its
    ``labels: (N,)`` of so many ``classes``, where the images are; what asks the discriminator asks snapshots
    of that of ``module``.

    ``fresh: (K, H, W)``: real images beyond the subset; ``seed``: the run's.
    """
    snapshot = Snapshot(module, images.device) if perturbation.asking() or filter_.asks else None
    decoded = DecodedSource(autoencoder, images, perturbation, labels, snapshot, classes)
    return filter_.of(source.of(decoded, fresh), decoded, snapshot, seed)


def enter_training(
    augmentation: Augmentation, schedule: Schedule, source: Source, module: GANModule, data: MNISTDataModule
) -> None:
    """Have ``data`` mix in what ``source`` makes, or ``module`` make the same of images in its steps, at
    the share of the rate or weight that ``schedule`` says. A snapshot of its own is taken in every epoch before
    anything is made."""
    share, whole = share_of(schedule, module), source
    if isinstance(source, FilteredSource):
        whole = source.source
    if rates := augmentation.rates():
        data.inject(source.made if isinstance(source, FilteredSource) else source, **rates, share=share)
    if source.snapshot is not None:
        data.before_epochs(source.snapshot.take)
    if (transform := whole.transform()) is not None:  # it makes of an image what it makes, whoever would reject it
        augmentation.enter(module, transform, share)
