"""Training an autoencoder on exactly the GAN's training subset, and keeping it as an artifact.

It takes a fixed number of steps, and no image but those of the subset has a say in them; stopping early, on a part of
the subset that is held out or on the validation slice, has to be asked for, and its report says so.

The artifact's key is a hash of the autoencoder's options and of the subset's pixels (and of the validation slice's,
where that decides when to stop): an autoencoder that has seen other images can not be taken for this one. Nor can one
that other code has trained: the key holds a version of the sources that decide its weights, and of PyTorch. A finished
run's own autoencoder, whatever that version was, is loaded by the key that the run recorded.
"""

import json
import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor

from aeaug.artifacts import ArtifactStore, recipe_version
from aeaug.autoencoder.artifact import CHECKPOINT, KIND, REPORT, AutoencoderArtifact, load_autoencoder
from aeaug.autoencoder.batches import HELD_OUT_AT_ONCE, ReconstructionData
from aeaug.autoencoder.closed_form import closed_form
from aeaug.autoencoder.module import AutoencoderModule
from aeaug.autoencoder.options import AutoencoderOptions, ClosedFormOptions
from aeaug.autoencoder.pictures import log_pictures
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.images import shape_of
from aeaug.data.subset import fingerprint
from aeaug.randomness import generator
from aeaug.training.checkpoint import AtomicCheckpointIO
from aeaug.training.divergence import require_learnt, require_sound
from aeaug.training.trainer import build_trainer

__all__ = ["Fitted", "fit", "trained_autoencoder"]

log = logging.getLogger(__name__)

LOG_EVERY = 500  # steps
JUDGED = 1_000  # training images, which are in random order, whose loss says whether anything was learnt

# What decides an autoencoder's weights, beside its options and the images: a change here trains it anew.
PACKAGE = Path(__file__).parents[1]
DEFINING = (
    "autoencoder/closed_form.py",
    "autoencoder/networks.py",
    "autoencoder/module.py",
    *sorted(f"autoencoder/objectives/{path.name}" for path in PACKAGE.glob("autoencoder/objectives/*.py")),
    "autoencoder/batches.py",
    "autoencoder/training.py",
    "data/images.py",
    "data/loader.py",
    "data/mixture.py",
    "training/trainer.py",
    "one_thread.py",
    "randomness.py",
)
# Of the code that is running: a file that is edited during a sweep does not count for it.
VERSION = recipe_version(*(PACKAGE / name for name in DEFINING))


class Fitted(NamedTuple):
    """How many ``steps`` a training took, after how many of them its weights were ``kept``, the loss that is trained
    on, of training images, and its ``seconds``, on the clock and of processors."""

    steps: int
    kept: int
    train_loss: float
    seconds: float
    processor_seconds: float


def trained_autoencoder(
    store: ArtifactStore,
    options: AutoencoderOptions | ClosedFormOptions,
    data: MNISTDataModule,
    *,
    accelerator: str = "cpu",
    progress: bool = True,
) -> AutoencoderArtifact:
    """Return the autoencoder that ``options`` and ``data``'s training subset determine, training it if need be."""
    data.setup()
    recipe: dict[str, Any] = {"options": options.model_dump(), "subset": data.subset_sha256, "version": VERSION}
    if isinstance(options, AutoencoderOptions) and options.stopping == "validation":
        recipe["validation"] = fingerprint(data.splits.val_images)

    if isinstance(options, AutoencoderOptions) and accelerator != "cpu":
        recipe["accelerator"] = accelerator  # other weights, and a run on the CPU must not depend on who came first

    def build(folder: Path) -> None:
        _build(folder, options, data, accelerator, progress)

    return load_autoencoder(store.get(KIND, recipe, build))


def fit(
    options: AutoencoderOptions | ClosedFormOptions,
    data: MNISTDataModule,
    folder: Path,
    *,
    logger: TensorBoardLogger | None = None,
    accelerator: str = "cpu",
    progress: bool = True,
    callbacks: Sequence[Callback] = (),
) -> tuple[AutoencoderModule, Fitted]:
    """Train an autoencoder on ``data``'s training subset, as ``options`` say, and write its checkpoint into ``folder``.

    Raises :class:`aeaug.training.divergence.Diverged`, also where it ends worse on its training images than untrained.
    """
    if isinstance(options, ClosedFormOptions):
        return _found(options, data, folder)
    assert options.steps is not None, "auto is resolved where options are parsed"
    images, held_out = _held_out(options, data)
    batches = min(LOG_EVERY, options.steps) if held_out is None else options.check_every
    batch_size = min(options.batch_size, len(images))
    own = ReconstructionData(images, held_out, batch_size=batch_size, batches=batches, seed=options.seed)
    module = AutoencoderModule(
        network=options.network,
        latent_dim=options.latent_dim,
        loss=options.loss,
        lr=options.lr,
        seed=options.seed,
        shape=shape_of(data.train_images),
        **options.own(),
    )
    best = None
    if held_out is not None:
        best = ModelCheckpoint(folder / "best", monitor="held_out_loss", mode="min", save_weights_only=True)
        callbacks = [*callbacks, EarlyStopping("held_out_loss", patience=options.patience, mode="min"), best]
    trainer = build_trainer(
        "autoencoder",
        progress=progress,
        callbacks=list(callbacks),
        accelerator=accelerator,
        devices=1,
        max_steps=options.steps,
        logger=logger or False,
        enable_checkpointing=best is not None,
        log_every_n_steps=batches,
        limit_val_batches=0 if best is None else None,
    )
    shown = to_float(images[:JUDGED])
    untrained = module.loss_on(shown)
    began, processor = time.perf_counter(), time.process_time()
    trainer.fit(module, own)
    seconds, processor, steps = time.perf_counter() - began, time.process_time() - processor, trainer.global_step
    kept = steps
    if best is not None:
        state = torch.load(best.best_model_path, map_location="cpu", weights_only=True)
        module.load_state_dict(state["state_dict"])
        kept = state["global_step"]
        Path(best.best_model_path).unlink()
        (folder / "best").rmdir()
    module.cpu().eval()
    when = f"after {steps} steps"
    train_loss = module.loss_on(shown)
    require_sound({}, {"autoencoder's training loss": train_loss}, when)
    require_learnt(untrained, train_loss, when)
    trainer.save_checkpoint(folder / CHECKPOINT, weights_only=True)
    return module, Fitted(steps, kept, train_loss, seconds, processor)


def _found(options: ClosedFormOptions, data: MNISTDataModule, folder: Path) -> tuple[AutoencoderModule, Fitted]:
    """One that takes no steps, with its checkpoint in ``folder``."""
    began, processor = time.perf_counter(), time.process_time()
    module = closed_form(options, data.train_images)
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    content = {
        "state_dict": module.state_dict(),
        "hyper_parameters": dict(module.hparams),
        "pytorch-lightning_version": L.__version__,
    }
    AtomicCheckpointIO().save_checkpoint(content, folder / CHECKPOINT)
    return module, Fitted(0, 0, module.loss_on(to_float(data.train_images[:JUDGED])), seconds, processor)


def _held_out(options: AutoencoderOptions, data: MNISTDataModule) -> tuple[Tensor, Tensor | None]:
    """The images that are trained on, and those that decide when to stop: ``(N, H, W)`` and ``(M, H, W)``."""
    images = data.train_images
    if options.stopping == "validation":
        return images, data.splits.val_images
    if options.stopping == "fixed":
        return images, None
    order = torch.randperm(len(images), generator=generator(options.seed, "autoencoder's hold-out"))
    size = max(1, round(options.hold_out * len(images)))
    return images[order[size:]], images[order[:size]]


def _build(
    folder: Path,
    options: AutoencoderOptions | ClosedFormOptions,
    data: MNISTDataModule,
    accelerator: str,
    progress: bool,
) -> None:
    stopping = "fixed"
    if isinstance(options, AutoencoderOptions):
        stopping = options.stopping
        log.info("training autoencoder=%s on %d images", options.name, len(data.train_images))
    logger = TensorBoardLogger(folder, name="", version="tensorboard", default_hp_metric=False)
    module, fitted = fit(options, data, folder, logger=logger, accelerator=accelerator, progress=progress)
    # Said of it, and no more: where training is fixed, nothing is decided by an image that it was not given.
    parts = to_float(data.splits.val_images).split(HELD_OUT_AT_ONCE)
    shares = [len(part) / len(data.splits.val_images) for part in parts]
    validation = {
        "val_loss": math.fsum(share * module.loss_on(part) for share, part in zip(shares, parts, strict=True)),
        "val_mse": math.fsum(share * module.squared_error_on(part) for share, part in zip(shares, parts, strict=True)),
    }
    logger.log_metrics(validation, fitted.steps)
    log_pictures(logger.experiment, module, data)
    logger.finalize("success")
    report = {"stopping": stopping, **fitted._asdict(), **validation}
    (folder / REPORT).write_text(json.dumps(report, indent=2) + "\n")
