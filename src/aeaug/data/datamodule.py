"""The LightningDataModule: a subset of a data set, mixed at every epoch with whatever a sample source makes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import lightning as L
import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler, TensorDataset

from aeaug.data.description import DataSet
from aeaug.data.images import to_float
from aeaug.data.loader import MixtureLoader, SampleSource, Share, Shown
from aeaug.data.sets import data_set
from aeaug.data.splits import Splits
from aeaug.data.subset import UNEVEN, are_even, fingerprint, held_out_of

__all__ = ["MNISTDataModule"]


class MNISTDataModule(L.LightningDataModule):
    """A data set of :data:`aeaug.data.sets.DATA_SETS` in memory; ``description``: what it is.

    ``train_dataloader`` yields :class:`aeaug.data.loader.Batch` on the training device: exactly ``images_per_epoch``
    images an epoch (default: one pass over the training subset), real ones mixed with what ``source`` makes of them
    (see :mod:`aeaug.data.mixture` for ``ratio`` and ``probability``). ``val_dataloader`` yields
    ``(images (B, C, H, W) in [-1, 1],)``.

    ``splits``, ``train_images (n_train, H, W)`` uint8, in colour ``(n_train, C, H, W)``, ``train_labels``,
    ``subset_positions``, ``subset_sha256`` and ``held_out_images`` are there after ``setup``; both dataloaders call it.
    """

    splits: Splits
    train_images: Tensor
    train_labels: Tensor
    subset_positions: Tensor  # in the pool
    subset_sha256: str
    held_out_images: Tensor  # of the subset: not among train_images
    loader: MixtureLoader | None = None
    in_blocks = False  # hand out several batches at once: a training step that takes them pays for the Trainer once

    def __init__(
        self,
        name: str | DataSet = "mnist",
        root: str | Path = "data",
        n_train: int | None = None,
        subset_seed: int = 0,
        batch_size: int = 128,
        images_per_epoch: int | None = None,
        seed: int = 0,
        balanced: bool = True,
    ) -> None:
        """
        Args:
            name: of a data set, or its description.
            root: the folder that its files are in, or are downloaded to.
            n_train: size of the training subset, from one image a class to the whole pool, which is None.
            subset_seed: by which the subset is drawn.
            batch_size: at least 1 and at most ``images_per_epoch``, so at most ``n_train`` where that is left out.
            images_per_epoch: None: one pass over the training subset.
            seed: order of images and randomness of the synthetic ones.
            balanced: whether the subset has its classes in equal numbers.

        Raises:
            ValueError: for an unknown ``name``; ``setup`` checks ``n_train``, ``train_dataloader`` the two sizes.
        """
        super().__init__()
        self.description: DataSet = data_set(name) if isinstance(name, str) else name
        self.root = Path(root)
        self.n_train, self.subset_seed, self.balanced = n_train, subset_seed, balanced
        self.batch_size, self.images_per_epoch, self.seed = batch_size, images_per_epoch, seed
        self.ratio, self.probability, self.source = 0.0, 0.0, None  # type: float, float, SampleSource | None
        self.share: Share | None = None
        self._begin: Callable[[], object] | None = None
        self._shown_before: Shown | None = None

    def inject(
        self, source: SampleSource, *, ratio: float = 0.0, probability: float = 0.0, share: Share | None = None
    ) -> None:
        """From the next ``train_dataloader`` on, mix in synthetic images from ``source``: ``ratio``, at least 0,
        of them are appended for each real one, and a real one is replaced with ``probability``, in [0, 1].

        Raises ``ValueError`` for others, and where both are 0.

        ``source(indices: (M,) int64, generator)`` returns ``(M, C, H, W)`` images in [-1, 1] on the training device,
        or :class:`aeaug.data.loader.Made`, where it rejects some.
        ``share(images shown)``: of ``ratio`` and ``probability``, in [0, 1], read before every fourth batch; None: 1.
        """
        if ratio < 0 or not 0 <= probability <= 1 or ratio == probability == 0:
            raise ValueError(
                f"ratio={ratio}, probability={probability}: ratio must be at least 0, probability between 0 and 1, "
                f"and one of them above 0"
            )
        self.source, self.ratio, self.probability, self.share = source, ratio, probability, share

    def before_epochs(self, begin: Callable[[], object]) -> None:
        """From the next ``train_dataloader`` on, call ``begin`` in every epoch before anything of it is made."""
        self._begin = begin

    def rebatched(self, batch_size: int, seed: int) -> "MNISTDataModule":
        """Return a datamodule over the same training subset without synthetic images: passes in other batches."""
        self.setup()
        other = MNISTDataModule(
            self.description, self.root, self.n_train, self.subset_seed, batch_size, None, seed, self.balanced
        )
        other._take(self.splits, self.subset_positions, len(self.held_out_images))
        return other

    def holding_out(self, count: int) -> "MNISTDataModule":
        """Return a datamodule without synthetic images whose ``train_images``, and so batches and fingerprint, are
        without ``count`` of the training subset, with its classes as evenly as they come: its ``held_out_images (count,
        H, W)``, in colour ``(count, C, H, W)``. They are no fresh ones either. 0 ≤ count < n_train."""
        self.setup()
        other = MNISTDataModule(
            *(self.description, self.root, self.n_train, self.subset_seed),
            *(self.batch_size, self.images_per_epoch, self.seed, self.balanced),
        )
        other._take(self.splits, self.subset_positions, count)
        return other

    @property
    def dataset(self) -> str:
        """The data set's name."""
        return self.description.name

    @property
    def even(self) -> bool:
        """Whether the subset's classes were dealt in turn, and none of them ran out early. Needs ``setup``."""
        return self.balanced and are_even(self.splits.pool_labels[self.subset_positions], UNEVEN)

    @property
    def net_seen(self) -> int:
        """How many training images the feature nets of the evaluation have seen. Needs ``setup``."""
        return int((self.subset_positions >= self.splits.pool_unseen).sum())

    @property
    def fresh_positions(self) -> Tensor:
        """Positions ``(K,)``, in ``splits.unseen_images``, of those that are not in the subset. Needs ``setup``."""
        return self.splits.fresh(self.subset_positions)

    @property
    def fresh_images(self) -> Tensor:
        """Real images ``(K, H, W)`` uint8, in colour ``(K, C, H, W)``, outside subset, validation slice and test set,
        which no net has seen. Needs ``setup``."""
        return self.splits.unseen_images[self.fresh_positions]

    @property
    def summary(self) -> dict[str, str | int]:
        """What a record of numbers says of the images behind them: source, subset and their sizes. Needs ``setup``."""
        return {
            "name": self.dataset,
            "sha256": self.splits.sha256,
            "n_train": len(self.train_images),
            "subset_seed": self.subset_seed,
            "subset_sha256": self.subset_sha256,
            "net_seen": self.net_seen,
            "n_test": len(self.splits.test_images),
        }

    def prepare_data(self) -> None:
        """Download and check the files; one process does it for all."""
        if self.description.has_files and not hasattr(self, "splits"):
            self.description.load(self.root)

    def setup(self, stage: str | None = None) -> None:
        """Read the splits and cut the training subset. Raises ``ValueError`` for an ``n_train`` out of range, and for
        files that cannot be used; once it has read them it does nothing."""
        if hasattr(self, "splits"):
            return
        splits = self.description.load(self.root)
        self._take(splits, splits.subset(self.n_train, self.subset_seed, balanced=self.balanced))

    def _take(self, splits: Splits, positions: Tensor, held_out: int = 0) -> None:
        self.splits, self.subset_positions = splits, positions
        chosen = held_out_of(splits.pool_labels[positions], held_out, self.subset_seed, balanced=self.balanced)
        kept, rest = positions[~chosen], positions[chosen]
        self.train_images, self.train_labels = splits.pool_images[kept], splits.pool_labels[kept]
        self.held_out_images = splits.pool_images[rest]
        self.subset_sha256 = fingerprint(self.train_images)

    def train_dataloader(self) -> MixtureLoader:
        """One epoch of the mixture. Outside a Trainer, call the loader's ``set_epoch`` before each epoch.

        Raises ``ValueError`` as ``setup`` does, for a ``batch_size`` that is not between 1 and ``images_per_epoch``,
        and where one of the two does not divide among the processes.
        """
        self.setup()
        self.loader = MixtureLoader(
            self.train_images.to(self._device()),
            batch_size=self.batch_size,
            images_per_epoch=self.images_per_epoch or len(self.train_images),
            seed=self.seed,
            ratio=self.ratio,
            probability=self.probability,
            source=self.source,
            share=self.share,
            rank=self.trainer.global_rank if self.trainer else 0,
            world_size=self.trainer.world_size if self.trainer else 1,
            shown=self._shown_before,
            begin=self._begin,
            in_blocks=self.in_blocks,
        )
        return self.loader

    @property
    def shown(self) -> Shown | None:
        """How many images were shown in training, also before it was interrupted, and how many of them were synthetic;
        None where nobody counted them."""
        return self._shown_before if self.loader is None else self.loader.shown

    @classmethod
    def load_from_checkpoint(cls, *given: Any, **named: Any) -> NoReturn:
        """Raise ``ValueError``: a checkpoint does not say which data set it was, and another one would come of it."""
        raise ValueError(
            "MNISTDataModule.load_from_checkpoint: a checkpoint does not hold the data's options; make it anew with "
            "MNISTDataModule(name, root, n_train, …), and trainer.fit(…, ckpt_path=…) goes on counting"
        )

    def state_dict(self) -> dict[str, int]:
        """What a checkpoint keeps: the counts."""
        return {} if self.shown is None else self.shown._asdict()

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Go on counting. Where rates do not change, the position is the number of images; where nothing is rejected,
        what is drawn is shown."""
        images, synthetic = int(state_dict["images"]), int(state_dict["synthetic"])
        position, drawn = int(state_dict.get("position", images)), int(state_dict.get("drawn", synthetic))
        self._shown_before = Shown(images, synthetic, position, drawn)

    def val_dataloader(self) -> "DataLoader[tuple[Tensor, ...]]":
        """The validation slice, in order."""
        self.setup()
        images = TensorDataset(to_float(self.splits.val_images).to(self._device()))
        # The sampler yields whole batches of indices, so a batch is one indexing of the tensor.
        batches = BatchSampler(SequentialSampler(images), self.batch_size, drop_last=False)
        return DataLoader(images, sampler=batches, batch_size=None)

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        """Nothing to move: batches are made on the training device."""
        return batch

    def _device(self) -> torch.device:
        return self.trainer.strategy.root_device if self.trainer else torch.device("cpu")
