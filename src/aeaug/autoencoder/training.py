"""Training an autoencoder on exactly the GAN's training subset, and keeping it as an artifact.

The artifact's key is a hash of the autoencoder's options and of the subset's pixels (and of the validation slice's,
where that decides when to stop): an autoencoder that has seen other images can not be taken for this one. Nor can one
that other code has trained: the key holds a version of the sources that decide its weights, and of PyTorch. A finished
run's own autoencoder, whatever that version was, is loaded by the key that the run recorded.
"""

import json
import logging
import time
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger

from aeaug.artifacts import ArtifactStore, recipe_version
from aeaug.autoencoder.artifact import CHECKPOINT, KIND, REPORT, AutoencoderArtifact, load_autoencoder
from aeaug.autoencoder.module import AutoencoderModule
from aeaug.autoencoder.options import AutoencoderOptions
from aeaug.autoencoder.pictures import log_pictures
from aeaug.data import MNISTDataModule, to_float
from aeaug.data.subset import fingerprint
from aeaug.training.divergence import require_learnt, require_sound
from aeaug.training.trainer import build_trainer

__all__ = ["trained_autoencoder"]

log = logging.getLogger(__name__)

JUDGED = 1_000  # training images, which are in random order, whose loss says whether anything was learnt

# What decides an autoencoder's weights, beside its options and the images: a change here trains it anew.
PACKAGE = Path(__file__).parents[1]
DEFINING = (
    "autoencoder/networks.py",
    "autoencoder/module.py",
    "autoencoder/training.py",
    "data/images.py",
    "data/loader.py",
    "data/mixture.py",
    "data/datamodule.py",
    "training/trainer.py",
    "randomness.py",
)
# Of the code that is running: a file that is edited during a sweep does not count for it.
VERSION = recipe_version(*(PACKAGE / name for name in DEFINING))


def trained_autoencoder(
    store: ArtifactStore,
    options: AutoencoderOptions,
    data: MNISTDataModule,
    *,
    accelerator: str = "cpu",
    progress: bool = True,
) -> AutoencoderArtifact:
    """Return the autoencoder that ``options`` and ``data``'s training subset determine, training it if need be."""
    data.setup()
    recipe: dict[str, Any] = {"options": options.model_dump(), "subset": data.subset_sha256, "version": VERSION}
    if options.patience is not None:
        recipe["validation"] = fingerprint(data.splits.val_images)

    def build(folder: Path) -> None:
        _train(folder, options, data, accelerator, progress)

    return load_autoencoder(store.get(KIND, recipe, build))


def _train(folder: Path, options: AutoencoderOptions, data: MNISTDataModule, accelerator: str, progress: bool) -> None:
    own = data.rebatched(min(options.batch_size, len(data.train_images)), options.seed)
    module = AutoencoderModule(options.network, options.latent_dim, options.loss, options.lr, options.seed)
    logger = TensorBoardLogger(folder, name="", version="tensorboard", default_hp_metric=False)
    callbacks: list[Callback] = []
    best = None
    if options.patience is not None:
        best = ModelCheckpoint(folder / "best", monitor="val_loss", mode="min")
        callbacks += [EarlyStopping("val_loss", patience=options.patience, mode="min"), best]
    trainer = build_trainer(
        "autoencoder",
        progress=progress,
        callbacks=callbacks,
        accelerator=accelerator,
        devices=1,
        max_epochs=options.max_epochs,
        logger=logger,
        enable_checkpointing=best is not None,
        log_every_n_steps=10,
    )
    log.info("training autoencoder=%s on %d images", options.name, len(data.train_images))
    shown = to_float(own.train_images[:JUDGED])
    untrained = module.loss_on(shown)
    began = time.perf_counter()
    trainer.fit(module, own)
    seconds = time.perf_counter() - began
    epochs = trainer.current_epoch
    when = f"after {epochs} epochs"
    if best is not None:
        state = torch.load(best.best_model_path, map_location="cpu", weights_only=True)["state_dict"]
        module.load_state_dict(state)
        Path(best.best_model_path).unlink()
        (folder / "best").rmdir()
    validation = trainer.validate(module, own, verbose=False)[0]
    module.cpu().eval()
    require_sound({}, {f"autoencoder's {name}": validation[name] for name in ("val_loss", "val_mse")}, when)
    require_learnt(untrained, module.loss_on(shown), when)
    log_pictures(logger.experiment, module, own)
    trainer.save_checkpoint(folder / CHECKPOINT, weights_only=True)
    logger.finalize("success")
    report = {**validation, "epochs": epochs, "seconds": seconds}
    (folder / REPORT).write_text(json.dumps(report, indent=2) + "\n")
