"""All measurements, a row or two each."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import torch
import yaml

from aeaug.benchmark.augmentation import augmentation_seconds
from aeaug.benchmark.evaluation import evaluation_seconds
from aeaug.benchmark.loading import loader_worker, torchvision_loader
from aeaug.benchmark.pairs import Block, Worker, interleave, paired_ratio
from aeaug.benchmark.side_by_side import side_by_side
from aeaug.benchmark.table import Row, number, spread
from aeaug.benchmark.training import HandWrittenLoop, hand_worker, trainer_worker
from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation.floors import real_sample
from aeaug.gan import GANModule
from aeaug.gan.options import GANOptions
from aeaug.sweep.composition import CONF

__all__ = ["Settings", "Suite"]

IMAGES_PER_EPOCH = 51_200  # conf/budget/default.yaml


class Settings(NamedTuple):
    """``steps`` a block, ``pairs`` of blocks; ``samples`` of an evaluation; ``threads`` of the CPU."""

    root: Path
    threads: int = 1
    steps: int = 32
    pairs: int = 40
    samples: int = 10_000


class Suite:
    """Every method yields rows of the table."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.has_mnist = (settings.root / "MNIST" / "raw" / "train-images-idx3-ubyte").is_file()
        self.data = MNISTDataModule("mnist" if self.has_mnist else "mnist_5k", settings.root)
        self.data.setup()
        content = yaml.safe_load(Path(CONF, "gan", "mlp.yaml").read_text())
        self.gan = GANOptions.model_validate(content)

    def parts(self) -> dict[str, Callable[[], Iterator[Row]]]:
        """The measurements by name, in the order of the table."""
        return {
            "gan": self.gan_steps,
            "precision": self.precision,
            "threads": self.threads,
            "loading": self.loading,
            "augmentation": self.augmentation,
            "evaluation": self.evaluation,
        }

    def gan_steps(self) -> Iterator[Row]:
        """Lightning's cost."""
        for batch_size, target in ((64, 1.15), (128, 1.10)):
            hand = hand_worker(HandWrittenLoop(self.data.train_images, self.gan), batch_size, self.settings.steps)
            with TemporaryDirectory() as folder:
                trainer, plain = interleave([self._trainer(batch_size, folder), hand], self.settings.pairs)
            name = f"GAN step, batch {batch_size}: Trainer over hand-written loop"
            yield self._step_row(name, trainer, plain, f"≤ {target:.2f}")

    def precision(self) -> Iterator[Row]:
        """bf16-mixed beside 32-true."""
        with TemporaryDirectory() as folder, TemporaryDirectory() as other:
            workers = [self._trainer(128, folder, "bf16-mixed"), self._trainer(128, other)]
            half, full = interleave(workers, self.settings.pairs)
        yield self._step_row("GAN step, batch 128: bf16-mixed over 32-true", half, full, "")

    def threads(self) -> Iterator[Row]:
        """Two runs side by side, or one with two threads."""
        s = self.settings
        together, alone = side_by_side(self.data.train_images, self.gan, 128, s.steps, max(1, s.pairs // 5))
        name = "GAN steps, batch 128: two single-threaded runs side by side over one run with two threads"
        yield Row(
            name, _rate(together, "steps/s"), _rate(alone, "steps/s"), spread(paired_ratio(together, alone)), "", ""
        )

    def loading(self) -> Iterator[Row]:
        """The datamodule's batches beside torchvision's."""
        for workers in (0, 2):
            name = f"loading, batch 128: datamodule over torchvision with {workers} workers"
            if not self.has_mnist:
                yield Row(name, "skipped: MNIST's files are not here", "", "", "", "≥ 50")
                continue
            ours = self._run(128)[1].train_dataloader()
            theirs = torchvision_loader(self.settings.root, 128, workers)
            count, pairs = 2 * self.settings.steps, max(1, self.settings.pairs // 4)
            fast, slow = interleave([loader_worker(ours, 16 * count), loader_worker(theirs, count)], pairs)
            a, b = [16 * 128 * count / x.wall for x in fast], [128 * count / x.wall for x in slow]
            cpu = paired_ratio([16 / x.cpu for x in fast], [1 / x.cpu for x in slow])
            by_cpu = "" if workers else number(cpu.median)  # workers are processes of their own
            yield Row(name, _rate(a, "images/s"), _rate(b, "images/s"), spread(paired_ratio(a, b)), by_cpu, "≥ 50")

    def augmentation(self) -> Iterator[Row]:
        """Its share of an epoch."""
        module, data = self._run(128)
        # The loader augments for sixteen batches of 128 at once.
        steps = 16 * -(-self.settings.steps // 16)
        with TemporaryDirectory() as folder:
            seconds = augmentation_seconds(module, data, Path(folder), steps, max(2, self.settings.pairs // 2))
        epochs = IMAGES_PER_EPOCH / 128 / steps
        augmenting, training = ([epochs * part for part in parts] for parts in zip(*seconds, strict=True))
        yield Row(
            "append with the article's autoencoder: augmentation over GAN training, an epoch of 51,200 images",
            f"{number(median(augmenting))} s",
            f"{number(median(training))} s",
            spread(paired_ratio(augmenting, training)),
            "",
            "≤ 0.05",
        )

    def evaluation(self) -> Iterator[Row]:
        """Where its time goes. On all cores: a run evaluates rarely, and with what the machine has."""
        splits, n = self.data.splits, self.settings.samples
        images = to_float(splits.fresh_images[real_sample(self.data, min(n, len(splits.test_images)))])
        test = to_float(splits.test_images[: len(images)]), splits.test_labels[: len(images)]
        cores = os.cpu_count() or 1
        torch.set_num_threads(cores)
        try:
            seconds = evaluation_seconds(*test, to_float(self.data.train_images), images)
        finally:
            torch.set_num_threads(self.settings.threads)
        once, total = seconds.pop("reference"), seconds.pop("all")
        parts = ", ".join(f"{part} {number(taken)} s" for part, taken in seconds.items())
        name = f"evaluation of {len(images):,} samples, all metrics, {cores} threads"
        target = "≤ 20 s" if len(images) >= 10_000 else ""
        yield Row(name, f"{number(total)} s", f"{parts}; once a run {number(once)} s", "", "", target)

    def _run(self, batch_size: int) -> tuple[GANModule, MNISTDataModule]:
        data = self.data.rebatched(batch_size, seed=0)
        data.images_per_epoch = IMAGES_PER_EPOCH
        return GANModule(**self.gan.model_dump(exclude={"name"})), data

    def _trainer(self, batch_size: int, folder: str, precision: str = "32-true") -> Worker:
        return trainer_worker(lambda: self._run(batch_size), Path(folder), self.settings.steps, precision)

    def _step_row(self, name: str, here: list[Block], compared: list[Block], target: str) -> Row:
        a, b = ([1000 * block.wall / self.settings.steps for block in blocks] for blocks in (here, compared))
        cpu = paired_ratio([block.cpu for block in here], [block.cpu for block in compared])
        ratio = spread(paired_ratio(a, b))
        return Row(name, f"{number(median(a))} ms", f"{number(median(b))} ms", ratio, number(cpu.median), target)


def _rate(rates: Sequence[float], unit: str) -> str:
    return f"{number(median(rates))} {unit}"
