"""The validation curve of a run: at the end of epochs, what the averaged generator makes, measured and shown.

Lightning would count the steps of both optimizers; everything here counts images shown to the discriminator.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor
from torchvision.utils import make_grid, save_image
from typing_extensions import override

from aeaug.evaluation.metric import GROUPS
from aeaug.evaluation.metrics import MEASUREMENTS
from aeaug.evaluation.metrics import METRICS as OF_IMAGES
from aeaug.gan.module import GANModule
from aeaug.run.metrics import METRICS
from aeaug.training.tensorboard import Layout, numbers
from aeaug.writing import naming

__all__ = ["ValidationMonitor", "layout", "names_of_test", "scalars"]

GRID = 64
_JUDGED = ("train", "validation", "generated", "decoded")


def scalars(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The numbers among ``metrics``, by their tags in TensorBoard: a metric's group and key; ``overfitting/`` for what
    the discriminator says; ``other/`` for what no metric declares."""
    tags = {key: metric.tag for key, metric in METRICS.items()}
    tags |= {f"logit_{name}": f"overfitting/logit_{name}" for name in _JUDGED}
    tags |= {f"real_{name}": f"overfitting/called_real_{name}" for name in _JUDGED}
    return {tags.get(key, f"other/{key}"): value for key, value in numbers(metrics).items()}


def layout() -> Layout:
    """Charts of TensorBoard's custom scalars: every metric that is measured over training beside its floor, what the
    discriminator says, and the losses."""
    over = [metric for found in MEASUREMENTS.values() if found.over_training for metric in found.metrics]
    charts: dict[str, dict[str, list[Any]]] = {}
    for group, title in GROUPS.items():
        here = [metric for metric in over if metric.group == group]
        if here:
            charts[title] = {
                f"{metric.label}, and that of another real sample": ["Multiline", [metric.tag, f"floor/{metric.key}$"]]
                for metric in here
            }
    return charts | {
        GROUPS["overfitting"]: {
            "mean logit of training, validation, generated, decoded images": ["Multiline", ["overfitting/logit_.*"]],
            "share called real": ["Multiline", ["overfitting/called_real_.*"]],
            "r_t = E sign D(train) and r_v (0: validation looks like training images, 1: generated)": [
                "Multiline",
                ["overfitting/r_t", "overfitting/r_v"],
            ],
        },
        "Training": {
            "losses": ["Multiline", ["training/loss_.*"]],
            "size of the weights over their initial one": ["Multiline", ["training/growth_.*"]],
            "mean logit of real, decoded, generated images in the last batch": ["Multiline", ["training/logit_.*"]],
        },
    }


def names_of_test() -> dict[str, str]:
    """What the metrics of the test are called in the table of runs; those measured over training come first."""
    over = {metric.key for found in MEASUREMENTS.values() if found.over_training for metric in found.metrics}
    return {key: OF_IMAGES[key].label for key in sorted(OF_IMAGES, key=lambda key: key not in over)}


class ValidationMonitor(L.Callback):
    """Every ``every`` epochs and after the last: measure ``n_samples`` generated images with ``measure``, hand the
    entry to ``record``, and keep a grid of images from fixed latents.

    The latents depend on the run's seed alone, so grids of two arms, and of two moments, show the same points.
    ``probe``, where one is set, says how the discriminator overfits: it becomes the entry's ``discriminator``.
    ``floor``: the metrics of another real sample, for TensorBoard to draw beside. ``entries``: those so far, of a
    training that is gone on with; a checkpoint keeps them, so that a curve that is lost comes back with it.
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
        floor: Mapping[str, Any] | None = None,
        entries: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.measure, self.record = measure, record
        self.n_samples, self.every, self.folder = n_samples, every, folder
        self._floor = {f"floor/{key}": value for key, value in numbers(floor or {}).items()}
        self.entries = list(entries)
        self.seconds = 0.0  # spent here, not in training

    @override
    def state_dict(self) -> dict[str, Any]:
        return {"entries": self.entries}

    @override
    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        assert isinstance(pl_module, GANModule)
        pl_module.require_sound()  # before anything is measured, or written into a checkpoint
        last = trainer.current_epoch + 1 == trainer.max_epochs
        if not (last or (trainer.current_epoch + 1) % self.every == 0):
            return
        began = time.perf_counter()
        # On every process, the same: where images are not finite, all of them stop together.
        images = pl_module.sample(self.n_samples, pl_module.seed, "validation latents")
        if trainer.is_global_zero:
            self._measure(trainer, pl_module, images)
        self.seconds += time.perf_counter() - began

    def _measure(self, trainer: L.Trainer, pl_module: GANModule, images: Tensor) -> None:
        seen = pl_module.images_seen
        metrics = self.measure(images)
        entry = {"images": seen, "epoch": trainer.current_epoch + 1, **metrics, **pl_module.mean_losses()}
        judged = None
        if self.probe is not None:
            judged = entry["discriminator"] = self.probe(pl_module)
        self.entries.append(entry)
        self.record(entry)
        grid = (images[:GRID].cpu() + 1) / 2
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"images={seen:09d}.png"
        with naming(file):
            save_image(grid, file, nrow=8, padding=1, pad_value=0.5)
        for logger in trainer.loggers:
            logger.log_metrics(scalars(metrics | (judged or {})) | self._floor, step=seen)
            if isinstance(logger, TensorBoardLogger):
                writer = logger.experiment
                writer.add_image("samples/from fixed latents", make_grid(grid, 8, pad_value=0.5), seen)
