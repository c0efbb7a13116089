"""The readings of a run over its training: at the end of epochs, the averaged generator's FD on the validation slice.

Lightning would count the steps of both optimizers; everything here counts images shown to the discriminator.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor
from typing_extensions import override

from aeaug.evaluation.metric import GROUPS
from aeaug.evaluation.metrics import METRICS as OF_IMAGES
from aeaug.gan.module import GANModule
from aeaug.run.best import Content, average_of, best_entry, settle, write_best
from aeaug.run.metrics import METRICS
from aeaug.training.pictures import grid, log_picture, save_picture
from aeaug.training.tensorboard import Layout, numbers

__all__ = ["STATE_KEY", "ValidationMonitor", "layout", "names_of_test", "scalars"]

GRID, COLUMNS = 64, 8
_FD = OF_IMAGES["frechet_distance"]
_FIRST = ("frechet_distance", "precision", "recall", "density", "coverage")
_JUDGED = ("train", "validation", "generated", "decoded")


def scalars(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The numbers among ``metrics``, by their tags in TensorBoard: a metric's group and key; ``overfitting/`` for what
    the discriminator says; ``other/`` for what no metric declares."""
    tags = {key: metric.tag for key, metric in METRICS.items()}
    tags |= {f"logit_{name}": f"overfitting/logit_{name}" for name in _JUDGED}
    tags |= {f"real_{name}": f"overfitting/called_real_{name}" for name in _JUDGED}
    return {tags.get(key, f"other/{key}"): value for key, value in numbers(metrics).items()}


def layout() -> Layout:
    """Charts of TensorBoard's custom scalars: the validation FD beside its floor, what the discriminator says, losses
    and penalties."""
    return {
        GROUPS[_FD.group]: {
            f"{_FD.label}, and that of another real sample": ["Multiline", [_FD.tag, f"floor/{_FD.key}$"]]
        },
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
            "penalties, with their own weight": ["Multiline", ["penalty/.*"]],
            "size of the weights over their initial one": ["Multiline", ["training/growth_.*"]],
            "mean logit of real, decoded, generated images in the last batch": ["Multiline", ["training/logit_.*"]],
        },
    }


def names_of_test() -> dict[str, str]:
    """What the metrics of the test are called in the table of runs; the first five are shown without being asked."""
    return {key: OF_IMAGES[key].label for key in sorted(OF_IMAGES, key=lambda key: key not in _FIRST)}


STATE_KEY = "ValidationMonitor"  # of what the monitor keeps in a checkpoint


class ValidationMonitor(L.Callback):
    """Every ``every`` epochs and after the last: measure ``n_samples`` generated images with ``measure``, which returns
    their FD, hand the entry to ``record``, and keep the averaged generator if it is the best so far.

    The latents depend on the run's seed alone, so that images of two arms, and of two moments, are of the same points;
    64 of them are the picture of the first reading, of the 4th, 16th, 64th and so on, and of the last.
    ``probe``, where one is set, says how the discriminator overfits: it becomes the entry's ``discriminator``.
    ``acceptance``, where one is set, says which share of what was drawn in the epoch a filter accepted: the entry's
    ``acceptance``.
    ``floor``: the FD of another real sample, for TensorBoard to draw beside. ``entries`` and ``best``: those so far, of
    a training that is gone on with; a checkpoint keeps both (:mod:`aeaug.run.best`), so that a curve that is lost comes
    back with it. ``best_file``: where the best is kept for others; None: in checkpoints alone.
    """

    probe: Callable[[GANModule], dict[str, float | None] | None] | None = None
    acceptance: Callable[[], float | None] | None = None

    def __init__(
        self,
        measure: Callable[[Tensor], float],
        record: Callable[[dict[str, Any]], None],
        *,
        n_samples: int,
        every: int,
        folder: Path,
        floor: float | None = None,
        entries: Sequence[dict[str, Any]] = (),
        best: Content | None = None,
        best_file: Path | None = None,
    ) -> None:
        self.measure, self.record = measure, record
        self.n_samples, self.every, self.folder = n_samples, every, folder
        self._floor = {} if floor is None else {f"floor/{_FD.key}": floor}
        self.entries, self.best, self.best_file = list(entries), best, best_file
        self._sealed = False
        self.seconds = 0.0  # spent here, not in training
        self.processor_seconds = 0.0  # of all cores

    @property
    @override
    def state_key(self) -> str:
        return STATE_KEY

    @override
    def state_dict(self) -> dict[str, Any]:
        return {"entries": self.entries, "best": None if self._sealed else self.best}

    @override
    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        assert isinstance(pl_module, GANModule)
        pl_module.require_sound()  # before anything is measured, or written into a checkpoint
        last = trainer.current_epoch + 1 == trainer.max_epochs
        if not (last or (trainer.current_epoch + 1) % self.every == 0):
            return
        began, processor = time.perf_counter(), time.process_time()
        # On every process, the same: where images are not finite, all of them stop together.
        images = pl_module.sample(self.n_samples, pl_module.seed, "validation latents")
        losses: dict[str, Any] = {**pl_module.mean_losses()}
        if penalties := pl_module.mean_penalties():
            losses["penalties"] = penalties
        if trainer.is_global_zero:
            self._read(trainer, pl_module, images, losses, last)
        self.seconds += time.perf_counter() - began
        self.processor_seconds += time.process_time() - processor

    def _read(
        self, trainer: L.Trainer, module: GANModule, images: Tensor, losses: Mapping[str, Any], last: bool
    ) -> None:
        entry: dict[str, Any] = {
            "images": module.images_seen,
            "epoch": trainer.current_epoch + 1,
            _FD.key: self.measure(images),
            **losses,
        }
        if rates := module.watch.in_force(module.images_seen):
            entry["rates"] = rates
        if signals := module.watch.signals:
            entry["signals"] = signals
        if self.acceptance is not None and (accepted := self.acceptance()) is not None:
            entry["acceptance"] = accepted
        if self.probe is not None:
            entry["discriminator"] = self.probe(module)
        self.entries.append(entry)
        self._keep(module, entry, last)
        self.record(entry)
        number = len(self.entries)
        self._show(trainer, entry, images[:GRID] if last or _is_power_of_4(number) else None)

    def _keep(self, module: GANModule, entry: Mapping[str, Any], last: bool) -> None:
        better = best_entry(self.entries) is entry
        if better:
            self.best = average_of(module, entry[_FD.key])
        if self.best_file is None or self.best is None:
            return
        if last:
            settle(self.best, self.best_file)  # also where it was there before: the checkpoint relies on it
            self._sealed = True
        elif better:
            write_best(self.best_file, self.best)

    def _show(self, trainer: L.Trainer, entry: Mapping[str, Any], images: Tensor | None) -> None:
        seen = entry["images"]
        picture = None if images is None else grid(images, COLUMNS)
        if picture is not None:
            file = self.folder / f"images={seen:09d}.png"
            save_picture(file, picture)
            for earlier in set(self.folder.glob("images=*.png")) - {file}:
                earlier.unlink()  # it is in TensorBoard
        for logger in trainer.loggers:
            shown = scalars({_FD.key: entry[_FD.key], **(entry.get("discriminator") or {})})
            rates = {
                f"{group}/{name}": number
                for group, key in (("rate", "rates"), ("signal", "signals"), ("penalty", "penalties"))
                for name, number in (entry.get(key) or {}).items()
                if number is not None
            }
            accepted = {"filter/acceptance": entry["acceptance"]} if "acceptance" in entry else {}
            logger.log_metrics(shown | rates | accepted | self._floor, step=seen)
            if isinstance(logger, TensorBoardLogger) and picture is not None:
                log_picture(logger.experiment, "samples/from fixed latents", picture, seen)


def _is_power_of_4(number: int) -> bool:
    return number.bit_count() == 1 and number.bit_length() % 2 == 1
