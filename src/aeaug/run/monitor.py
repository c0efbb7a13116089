"""The validation curve of a run: at the end of epochs, what the averaged generator makes, measured and shown.

Lightning would count the steps of both optimizers; everything here counts images shown to the discriminator.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor
from torchvision.utils import make_grid, save_image
from typing_extensions import override

from aeaug.gan.module import GANModule
from aeaug.training.tensorboard import log_classes, scalars

__all__ = ["ValidationMonitor"]

GRID = 64


class ValidationMonitor(L.Callback):
    """Every ``every`` epochs and after the last: measure ``n_samples`` generated images with ``measure``, hand the
    entry to ``record``, and keep a grid of images from fixed latents.

    The latents depend on the run's seed alone, so grids of two arms, and of two moments, show the same points.
    ``probe``, where one is set, says how the discriminator overfits: it becomes the entry's ``discriminator``.
    """

    probe: Callable[[GANModule], dict[str, float | None] | None] | None = None

    def __init__(
        self,
        measure: Callable[[Tensor], dict[str, Any]],
        record: Callable[[dict[str, Any]], None],
        *,
        n_samples: int,
        every: int,
        folder: Path,
    ) -> None:
        self.measure, self.record = measure, record
        self.n_samples, self.every, self.folder = n_samples, every, folder
        self.seconds = 0.0  # spent here, not in training

    @override
    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        assert isinstance(pl_module, GANModule)
        pl_module.require_finite()  # before anything is measured, or written into a checkpoint
        last = trainer.current_epoch + 1 == trainer.max_epochs
        if not trainer.is_global_zero or not (last or (trainer.current_epoch + 1) % self.every == 0):
            return
        began = time.perf_counter()
        self._measure(trainer, pl_module)
        self.seconds += time.perf_counter() - began

    def _measure(self, trainer: L.Trainer, pl_module: GANModule) -> None:
        images = pl_module.sample(self.n_samples, pl_module.seed, "validation latents")
        seen = pl_module.images_seen
        metrics = self.measure(images)
        entry = {"images": seen, "epoch": trainer.current_epoch + 1, **metrics, **pl_module.mean_losses()}
        judged = None
        if self.probe is not None:
            judged = entry["discriminator"] = self.probe(pl_module)
        self.record(entry)
        grid = (images[:GRID].cpu() + 1) / 2
        self.folder.mkdir(parents=True, exist_ok=True)
        save_image(grid, self.folder / f"images={seen:09d}.png", nrow=8, padding=1, pad_value=0.5)
        for logger in trainer.loggers:
            logger.log_metrics(scalars(metrics | (judged or {})), step=seen)
            if isinstance(logger, TensorBoardLogger):
                writer = logger.experiment
                writer.add_image("samples/from fixed latents", make_grid(grid, 8, pad_value=0.5), seen)
                log_classes(writer, metrics["class_histogram"], len(images), seen)
