"""What a trained run shows of itself: pictures, codes, and its line among others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger, TensorBoardLogger
from torch import Tensor

from aeaug.augmentation.sources import Source
from aeaug.autoencoder.artifact import AutoencoderArtifact
from aeaug.autoencoder.manifold import manifold
from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation.features import Extractor
from aeaug.evaluation.pictures import code_sets, comparison, nearest_training_images
from aeaug.gan import GANModule
from aeaug.run.identity.identity import science
from aeaug.run.monitor import COLUMNS, GRID, names_of_test
from aeaug.run.options import RunOptions, idle_stages
from aeaug.training.loggers import log_outcome
from aeaug.training.pictures import grid
from aeaug.training.tensorboard import log_classes, log_codes, log_hparams, numbers

__all__ = ["pictures_of", "show_codes", "show_options", "show_outcome"]


def pictures_of(
    module: GANModule,
    best: GANModule,
    data: MNISTDataModule,
    fed: MNISTDataModule,
    net: Extractor,
    source: Source | None,
    artifact: AutoencoderArtifact | None,
) -> dict[str, Tensor]:
    """Pictures of the GAN at its end, ``module``, and at its ``best``, by the names of their files."""
    seed = data.seed
    pictures = {
        "best": grid(best.sample(GRID, seed, "validation latents"), COLUMNS),
        "comparison": comparison(module, source, fed, seed),
        "nearest": nearest_training_images(module, data, net, seed),
    }
    if artifact is not None and artifact.module.latent_dim == 2:
        pictures["manifold"] = manifold(artifact.module, to_float(fed.train_images))
    return pictures


def show_codes(
    logger: TensorBoardLogger,
    module: GANModule,
    data: MNISTDataModule,
    fed: MNISTDataModule,
    net: Extractor,
    source: Source | None,
    artifact: AutoencoderArtifact | None,
    classes: Sequence[float] | None,
) -> None:
    """What TensorBoard alone has room for: shares of ``classes`` of the samples, where they were measured, and codes of
    real, decoded and generated images."""
    if classes:
        log_classes(logger.experiment, classes, len(data.splits.test_images), module.images_seen)
    if artifact is not None:
        sets = code_sets(module, source, artifact.module, fed, net, data.seed)
        log_codes(logger.experiment, *sets, data.description.class_names, module.images_seen)


def show_options(logger: Logger, config: Path) -> None:
    """What is in the file ``config``, from the start on: a run has its line among others only when it has ended."""
    if isinstance(logger, TensorBoardLogger):
        logger.experiment.add_text("options", f"```\n{config.read_text(encoding='utf-8')}```")


def show_outcome(logger: Logger, options: RunOptions, tested: dict[str, Any], step: int = 0) -> None:
    """The run's options and what was measured of it after ``step`` images; nothing of one that diverged."""
    if isinstance(logger, TensorBoardLogger):
        idle = idle_stages(options.augmentation.name, options.source.name)
        log_hparams(logger, options, tested, names_of_test(), step, idle)
    else:
        log_outcome(logger, science(options), numbers(tested), step)
