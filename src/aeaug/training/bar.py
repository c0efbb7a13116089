"""One bar for one training, in batches, with what is known of it so far."""

from collections.abc import Mapping
from typing import Any

import lightning as L
from tqdm import tqdm
from typing_extensions import override

from aeaug.training.progress import progress_bar

__all__ = ["TrainingBar"]

REFRESH_EVERY = 20


class TrainingBar(L.Callback):
    """A progress bar over all epochs of a fit; a resumed one starts where it stands.

    At the end of every epoch it shows ``shown``, which the caller keeps up to date, or what the module last logged.
    """

    def __init__(self, description: str, shown: Mapping[str, float] | None = None) -> None:
        self.description, self.shown = description, {} if shown is None else shown

    @override
    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        batches = int(getattr(trainer.train_dataloader, "batches", trainer.num_training_batches))
        assert trainer.max_epochs is not None
        self._done = trainer.current_epoch * batches
        steps = trainer.max_steps // len(trainer.optimizers)  # it counts those of each
        self._bar: tqdm[Any] = progress_bar(
            total=steps if trainer.max_steps > 0 else trainer.max_epochs * batches,
            initial=self._done,
            desc=self.description,
            unit="batch",
            disable=not trainer.is_global_zero,
        )

    @override
    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._done += getattr(batch, "steps", 1)  # of a block, as many as it has batches
        if self._done - self._bar.n >= REFRESH_EVERY or trainer.is_last_batch or self._done == self._bar.total:
            self._bar.update(self._done - self._bar.n)

    @override
    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        shown = dict(self.shown) or {key: float(value) for key, value in trainer.callback_metrics.items()}
        texts = {key: f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}" for key, value in shown.items()}
        self._bar.set_postfix({"epoch": trainer.current_epoch + 1, **texts}, refresh=False)

    @override
    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._bar.close()

    @override
    def on_exception(self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException) -> None:
        if hasattr(self, "_bar"):
            self._bar.close()
