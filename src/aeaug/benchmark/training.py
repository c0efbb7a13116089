"""A GAN step through Lightning's Trainer, as in a run, beside a loop written by hand.

The hand-written loop has the same networks, losses, lazy R1, fused Adams and batches of uint8 images indexed in
memory. It has no moving average, no logging, no checkpoints and no progress bar: those are part of what is measured.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import lightning as L
import torch
from torch import Tensor
from typing_extensions import override

from aeaug.benchmark.pairs import Pause, Worker
from aeaug.data import MNISTDataModule
from aeaug.gan import GANModule
from aeaug.gan.losses import LOSSES
from aeaug.gan.options import GANOptions
from aeaug.gan.regularizers import r1_penalty
from aeaug.training.checkpoint import EpochCheckpoint
from aeaug.training.tensorboard import run_logger
from aeaug.training.trainer import build_trainer

__all__ = ["EveryBlock", "HandWrittenLoop", "hand_worker", "shuffled", "trainer_worker"]

NVML_CHECK = "PYTORCH_NVML_BASED_CUDA_CHECK"
EPOCHS = 1_000_000  # blocks end a training, not epochs


class HandWrittenLoop:
    """The networks of ``options``, trained by plain PyTorch on ``images: (N, 28, 28)`` uint8."""

    def __init__(self, images: Tensor, options: GANOptions, seed: int = 0) -> None:
        module = GANModule(**options.model_dump(exclude={"name"}), seed=seed)
        self.images, self.options, self.loss = images, options, LOSSES[options.loss]
        self.generator, self.discriminator = module.generator, module.discriminator
        betas = (options.beta1, options.beta2)
        self.optimizer_g = torch.optim.Adam(
            self.generator.parameters(), lr=options.lr_generator, betas=betas, fused=True
        )
        self.optimizer_d = torch.optim.Adam(
            self.discriminator.parameters(), lr=options.lr_discriminator, betas=betas, fused=True
        )
        self.steps = 0
        self.images_seen = 0

    def step(self, index: Tensor, z: Tensor) -> None:
        """One step of the discriminator and one of the generator, on images ``index: (B,)`` and ``z: (B, D)``."""
        real = self.images[index].unsqueeze(1).float().mul_(2 / 255).sub_(1)
        fake = self.generator(z)

        real_logits, fake_logits = self.discriminator(torch.cat([real, fake.detach()])).chunk(2)
        loss_d = self.loss.discriminator_loss(real_logits, fake_logits)
        if self.options.r1_gamma and self.steps % self.options.r1_every == 0:
            penalty = r1_penalty(self.discriminator, real, self.options.r1_gamma)
            loss_d = loss_d + self.options.r1_every * penalty
        self.optimizer_d.zero_grad()
        loss_d.backward()
        self.optimizer_d.step()

        self.discriminator.requires_grad_(False)
        loss_g = self.loss.generator_loss(self.discriminator(fake))
        self.optimizer_g.zero_grad()
        loss_g.backward()
        self.optimizer_g.step()
        self.discriminator.requires_grad_(True)

        self.steps += 1
        self.images_seen += len(index)

    def train(self, batches: Iterator[Tensor], steps: int) -> None:
        """``steps`` steps on the next of ``batches`` of indices."""
        with _without_lightnings_environment():
            for _ in range(steps):
                index = next(batches)
                self.step(index, torch.randn(len(index), self.options.latent_dim))


def hand_worker(loop: HandWrittenLoop, batch_size: int, steps: int) -> Worker:
    """Blocks of ``steps`` steps of ``loop``."""

    def work(pause: Pause) -> None:
        batches = shuffled(len(loop.images), batch_size)
        loop.train(batches, steps)
        while pause():
            loop.train(batches, steps)

    return work


def trainer_worker(
    make: Callable[[], tuple[GANModule, MNISTDataModule]],
    folder: Path,
    steps: int,
    precision: str = "32-true",
) -> Worker:
    """Blocks of ``steps`` steps of what ``make`` returns, trained as a run does, with logs and checkpoints in
    ``folder``."""

    def work(pause: Pause) -> None:
        module, data = make()
        trainer = build_trainer(
            "gan",
            progress=True,
            callbacks=[EpochCheckpoint(folder / "last.ckpt", lambda module: None), EveryBlock(steps, pause)],
            accelerator="cpu",
            devices=1,
            precision=precision,
            max_epochs=EPOCHS,
            logger=run_logger(folder, None),
            enable_checkpointing=False,
        )
        trainer.fit(module, data)

    return work


class EveryBlock(L.Callback):
    """Pause after every ``steps`` steps. A block reaches from the end of a step to the end of another, with all that
    lies between: the loader, hooks, and where they fall an epoch's end and start."""

    def __init__(self, steps: int, pause: Pause) -> None:
        self.steps, self.pause, self.done = steps, pause, 0

    @override
    def on_train_batch_end(self, trainer: L.Trainer, *args: object) -> None:
        self.done += 1
        if self.done % self.steps == 0 and not self.pause():
            trainer.should_stop = True


def shuffled(n: int, batch_size: int) -> Iterator[Tensor]:
    """Whole batches of indices of ``n`` images, epoch after epoch."""
    while True:
        yield from torch.randperm(n)[: n - n % batch_size].split(batch_size)


@contextmanager
def _without_lightnings_environment() -> Iterator[None]:
    """Importing Lightning sets a variable with which, in PyTorch built for CUDA and without a GPU, Adam looks for the
    driver's library at every step. A program without Lightning does not pay for that."""
    value = os.environ.pop(NVML_CHECK, None)
    try:
        yield
    finally:
        if value is not None:
            os.environ[NVML_CHECK] = value
