"""Checkpoints that a kill cannot damage and that cannot run code.

A checkpoint is written beside its target, flushed to disk and renamed over it: at every moment the target is either the
old file or the new one. It is loaded with ``weights_only``, which admits tensors and plain types alone.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.plugins.io.checkpoint_io import CheckpointIO
from typing_extensions import override

from aeaug.writing import write_atomically

__all__ = ["AtomicCheckpointIO", "EpochCheckpoint"]


class AtomicCheckpointIO(CheckpointIO):
    """Lightning's plug-in point for how checkpoints reach the disk."""

    @override
    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None) -> None:
        """Write ``checkpoint`` to ``path`` atomically."""
        write_atomically(Path(path), lambda file: torch.save(checkpoint, file))

    @override
    def load_checkpoint(
        self, path: str | Path, map_location: Any | None = None, weights_only: bool | None = True
    ) -> dict[str, Any]:
        """Load ``path``; tensors go to the CPU unless ``map_location`` says otherwise. Never unpickles code."""
        loaded: dict[str, Any] = torch.load(path, map_location=map_location or "cpu", weights_only=True)
        return loaded

    @override
    def remove_checkpoint(self, path: str | Path) -> None:
        """Delete ``path`` if it is there."""
        Path(path).unlink(missing_ok=True)


class EpochCheckpoint(L.Callback):
    """Keep the state at the end of the last epoch in ``path``.

    Epochs are short and every draw depends on its position, so this is all that a resumed run needs. ``saved`` is told
    the module after every write.
    """

    def __init__(self, path: Path, saved: Callable[[L.LightningModule], object]) -> None:
        self.path, self.saved = path, saved

    @override
    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        trainer.save_checkpoint(self.path, weights_only=False)  # with optimizers and loops
        self.saved(pl_module)
