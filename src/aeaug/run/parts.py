"""From a run's options to its data, autoencoder and source of synthetic images: what training and evaluation share."""

from pathlib import Path

import torch

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation import DecodedSource
from aeaug.autoencoder.training import AutoencoderArtifact, trained_autoencoder
from aeaug.data import MNISTDataModule
from aeaug.run.options import RunOptions

__all__ = ["autoencoder_of", "data_of", "source_of"]


def data_of(options: RunOptions) -> MNISTDataModule:
    """The run's datamodule, set up. Raises ``ValueError`` for data that is missing or damaged, or too small."""
    data = MNISTDataModule(
        options.data.name,
        options.data.root,
        options.data.n_train,
        options.data.subset_seed,
        options.budget.batch_size,
        options.budget.images_per_epoch,
        options.seed,
    )
    data.setup()
    return data


def autoencoder_of(options: RunOptions, data: MNISTDataModule, device: torch.device) -> AutoencoderArtifact:
    """The autoencoder of the training subset, trained if need be, on ``device``."""
    artifact = trained_autoencoder(
        ArtifactStore(Path(options.outputs) / "artifacts"),
        options.autoencoder,
        data,
        accelerator="gpu" if device.type == "cuda" else "cpu",
        progress=options.trainer.progress,
    )
    artifact.module.to(device)
    return artifact


def source_of(options: RunOptions, artifact: AutoencoderArtifact, data: MNISTDataModule) -> DecodedSource | None:
    """What the run injects, on the autoencoder's device; None where it injects nothing."""
    if options.augmentation.name == "none":
        return None
    return DecodedSource(artifact.module, data.train_images.to(artifact.module.device), options.perturbation)
