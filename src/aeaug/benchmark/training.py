"""A GAN step through Lightning's Trainer, as in a run, beside a loop written by hand.

The hand-written loop has the same networks, losses, lazy R1, fused Adams and batches of uint8 images indexed in
memory. It has no moving average, no logging, no checkpoints and no progress bar: those are part of what is measured.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

import lightning as L
import torch
from lightning.pytorch.callbacks import LambdaCallback
from torch import Tensor

from aeaug.benchmark.turns import Side
from aeaug.data import MNISTDataModule
from aeaug.data.loader import BLOCK_IMAGES
from aeaug.gan import GANModule
from aeaug.gan.options import GANOptions
from aeaug.gan.penalties.r1 import r1_penalty
from aeaug.training.checkpoint import EpochCheckpoint
from aeaug.training.devices import wait_for
from aeaug.training.tensorboard import run_logger
from aeaug.training.trainer import build_trainer

__all__ = ["HandWrittenLoop", "trained"]

NVML_CHECK = "PYTORCH_NVML_BASED_CUDA_CHECK"


class HandWrittenLoop:
    """The networks of ``options``, trained by plain PyTorch on ``images: (N, H, W)`` uint8, where these are."""

    def __init__(self, images: Tensor, options: GANOptions, batch_size: int, seed: int = 0) -> None:
        shape = (1, *images.shape[1:])
        module = GANModule(**options.model_dump(exclude={"name"}), seed=seed, shape=shape).to(images.device)
        self.generator, self.discriminator, self.loss = module.generator, module.discriminator, module.loss
        self.optimizer_g, self.optimizer_d = module.configure_optimizers()
        self.images, self.options, self.batch_size, self.steps = images, options, batch_size, 0

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
        loss_g = self.loss.generator_loss(self.discriminator(fake), None)
        self.optimizer_g.zero_grad()
        loss_g.backward()
        self.optimizer_g.step()
        self.discriminator.requires_grad_(True)
        self.steps += 1

    def train(self, steps: int) -> int:
        """Take ``steps`` steps on random batches; return how many there are by now."""
        # Importing Lightning sets this, and then Adam, in a PyTorch built for CUDA, looks for the driver's library at
        # every step. A program without Lightning does not pay for that.
        lightnings = os.environ.pop(NVML_CHECK, None)
        device = self.images.device
        for _ in range(steps):
            index = torch.randint(len(self.images), (self.batch_size,), device=device)
            self.step(index, torch.randn(self.batch_size, self.options.latent_dim, device=device))
        wait_for(device)
        if lightnings is not None:
            os.environ[NVML_CHECK] = lightnings
        return self.steps


def trained(
    module: GANModule,
    data: MNISTDataModule,
    steps: int,
    precision: str = "32-true",
    accelerator: str = "cpu",
) -> Side:
    """Blocks of ``steps`` steps, as in a run, with logs and checkpoints, and where ``steps`` are whole blocks of the
    loader's, several in one ``training_step``. A block reaches from the end of a step to the
    end of another, with all that lies between: the loader, hooks, and where they fall an epoch's end and start.

    The Trainer has a thread of its own, as its loop cannot be left and entered again: it waits at the end of a block.
    """
    ended: SimpleQueue[bool] = SimpleQueue()  # a block; False: the training
    go_on: SimpleQueue[bool] = SimpleQueue()
    data.in_blocks = steps % max(1, BLOCK_IMAGES // data.batch_size) == 0

    def end_of_step(trainer: L.Trainer, *_: object) -> None:
        if module.steps % steps == 0:
            wait_for(module.device)
            ended.put(True)
            trainer.should_stop = not go_on.get()

    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        checkpoint = EpochCheckpoint(Path(folder, "last.ckpt"), lambda module: None)
        trainer = build_trainer(
            "gan",
            progress=True,
            callbacks=[checkpoint, LambdaCallback(on_train_batch_end=end_of_step)],
            accelerator=accelerator,
            devices=1,
            precision=precision,
            max_epochs=1_000_000,  # blocks end a training
            logger=run_logger(Path(folder), None),
            enable_checkpointing=False,
        )
        fit = thread.submit(trainer.fit, module, data)
        fit.add_done_callback(lambda _: ended.put(False))
        try:
            while ended.get():
                yield
                go_on.put(True)
            fit.result()  # raises what went wrong
        finally:
            go_on.put(False)
