"""What an autoencoder's training sees: batches of the images that it is trained on, and those that are held out."""

from typing import Any

import lightning as L
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from aeaug.data import to_float
from aeaug.data.loader import MixtureLoader

__all__ = ["HELD_OUT_AT_ONCE", "ReconstructionData"]

HELD_OUT_AT_ONCE = 1_000


class ReconstructionData(L.LightningDataModule):
    """Batches of exactly ``batch_size`` images, one pass over ``images`` after another, in the order that ``seed``
    draws; an epoch is ``batches`` of them, wherever passes begin and end. Step k sees the same images whatever the
    length of an epoch."""

    def __init__(self, images: Tensor, held_out: Tensor | None, *, batch_size: int, batches: int, seed: int) -> None:
        """``images: (N, H, W)`` or ``(N, C, H, W)`` and M like them ``held_out``, uint8; None: nothing is held out."""
        super().__init__()
        self.images, self.held_out = images, held_out
        self.batch_size, self.batches, self.seed = batch_size, batches, seed

    def train_dataloader(self) -> MixtureLoader:
        """Of :class:`aeaug.data.loader.Batch`."""
        return MixtureLoader(
            self.images.to(self._device()),
            batch_size=self.batch_size,
            images_per_epoch=self.batches * self.batch_size,
            seed=self.seed,
        )

    def val_dataloader(self) -> "DataLoader[Tensor] | list[Any]":
        """What is held out, ``(B, C, H, W)`` in [-1, 1], in its order; nothing where nothing is."""
        if self.held_out is None:
            return []
        parts: Any = to_float(self.held_out).to(self._device()).split(HELD_OUT_AT_ONCE)
        return DataLoader(parts, batch_size=None)

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        """Nothing to move: batches are made on the training device."""
        return batch

    def _device(self) -> torch.device:
        return self.trainer.strategy.root_device if self.trainer else torch.device("cpu")
