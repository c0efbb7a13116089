"""A run that came to its end: its records, and the pair that it trained."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from aeaug.autoencoder.artifact import AutoencoderArtifact
from aeaug.autoencoder.options import AutoencoderOptions
from aeaug.autoencoder.steps import chosen_steps
from aeaug.data import MNISTDataModule, to_float
from aeaug.gan import GANModule
from aeaug.run.files import files_of
from aeaug.run.options import RunOptions, parse_options
from aeaug.run.parts import autoencoder_of, data_of, fed_of, source_of
from aeaug.run.resumption import untrained
from aeaug.training.checkpoint import read_checkpoint, restore

__all__ = ["Finished"]

GENERATED = 1_000


class Finished:
    """The run in ``folder``. Raises ``FileNotFoundError`` where none came to its end there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, files_of(folder)
        if self.files.state != "done":
            raise FileNotFoundError(f"{folder}: no finished run")

    @property
    def metrics(self) -> Mapping[str, Any]:
        """``metrics.json``."""
        return self.files.metrics

    @property
    def readings(self) -> list[Mapping[str, Any]]:
        """Those of its training, in order."""
        return list(self.files.history)

    @cached_property
    def options(self) -> RunOptions:
        """What it was told."""
        return parse_options({**self.files.config, "claims": []})

    @cached_property
    def module(self) -> GANModule:
        """The pair as it ended."""
        module = untrained(self.options)
        restore(read_checkpoint(self.folder / "checkpoints" / "last.ckpt", "repeat the run's command"), module)
        return module.eval()

    @cached_property
    def fed(self) -> MNISTDataModule:
        """What it was trained on."""
        return fed_of(self.options, data_of(self.options))

    @cached_property
    def train(self) -> Tensor:
        """Its training images ``(N, C, H, W)``."""
        return to_float(self.fed.train_images)

    @cached_property
    def generated(self) -> Tensor:
        """1,000 images of the generator that its discriminator played against, not of the average."""
        z = torch.randn(GENERATED, self.module.latent_dim, generator=torch.Generator().manual_seed(self.options.seed))
        with torch.no_grad():
            images: Tensor = self.module.generator(z)
        return images

    @cached_property
    def autoencoder(self) -> AutoencoderArtifact:
        """That of its subset, whether or not it injects anything."""
        return autoencoder_of(self.with_steps, self.fed, torch.device("cpu"), self.files.status.get("autoencoder"))

    @property
    def with_steps(self) -> RunOptions:
        """Its options with the steps of its autoencoder, which nothing looks up for an arm that has no use for one."""
        told = self.options.autoencoder
        if not isinstance(told, AutoencoderOptions) or told.steps is not None:
            return self.options
        steps = chosen_steps(told, len(self.fed.train_images), self.fed.dataset)
        return self.options.model_copy(update={"autoencoder": told.model_copy(update={"steps": steps})})

    @cached_property
    def decoded(self) -> Tensor:
        """A synthetic image for each training image, as they were injected."""
        source = source_of(self.options, self.autoencoder, self.fed, self.module)
        assert source is not None
        return source.sample(torch.arange(len(self.train)), self.options.seed)
