"""The datamodule that options choose."""

from aeaug.data.datamodule import MNISTDataModule
from aeaug.data.options import DataChoice

__all__ = ["chosen_data"]


def chosen_data(
    options: DataChoice, seed: int, batch_size: int = 128, images_per_epoch: int | None = None
) -> MNISTDataModule:
    """Return the datamodule of ``options``, set up; ``seed`` and what follows as of :class:`MNISTDataModule`.

    Raises ``ValueError`` for data that is missing or damaged, or too small."""
    data = MNISTDataModule(
        options.of,
        options.place,
        options.n_train,
        options.subset_seed,
        batch_size,
        images_per_epoch,
        seed,
        bool(options.balanced),
    )
    data.setup()
    return data
