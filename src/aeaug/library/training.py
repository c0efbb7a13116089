"""Training the autoencoder of a LatentAugmenter: a run's training, on images that somebody hands over, leaving the
caller's process as it was."""

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.options import AutoencoderOptions, ClosedFormOptions
from aeaug.autoencoder.training import fit
from aeaug.data import MNISTDataModule
from aeaug.training.quietness import quieten

__all__ = ["trained"]


def trained(
    options: AutoencoderOptions | ClosedFormOptions, images: Tensor, device: torch.device, progress: bool
) -> AutoencoderModule:
    """Return the autoencoder that ``options`` and ``images: (N, H, W)`` or ``(N, C, H, W)`` uint8 determine, the same
    as a run's, on ``device`` and frozen.

    Raises :class:`aeaug.training.divergence.Diverged`.
    """
    data = MNISTDataModule()
    data.train_images = images.cpu()  # of a datamodule, training asks for nothing else
    accelerator = "cpu" if device.type == "cpu" else "gpu"
    with _undisturbed(device), tempfile.TemporaryDirectory(prefix="aeaug-") as folder:
        module, _ = fit(options, data, Path(folder), accelerator=accelerator, progress=progress)
    own = AutoencoderModule(**dict(module.hparams))  # without the Trainer that trained the other
    own.load_state_dict(module.state_dict())
    return own.to(device).eval().requires_grad_(False)


@contextmanager
def _undisturbed(device: torch.device) -> Iterator[None]:
    """The caller's random streams, warnings and logging as they were: a DataLoader draws from PyTorch's stream whatever
    it is for."""
    devices = [device] if device.type == "cuda" else []
    logger = logging.getLogger("lightning.pytorch")
    level = logger.level
    with torch.random.fork_rng(devices), warnings.catch_warnings():
        quieten()
        try:
            yield
        finally:
            logger.setLevel(level)
