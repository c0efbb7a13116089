"""All measurements, a row or two each."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice, repeat
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import Compose, Normalize, ToTensor

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation import DecodedSource
from aeaug.autoencoder import AutoencoderModule
from aeaug.autoencoder.artifact import AutoencoderArtifact
from aeaug.autoencoder.options import AutoencoderOptions
from aeaug.autoencoder.steps import chosen_steps
from aeaug.autoencoder.training import trained_autoencoder
from aeaug.benchmark.arms import Arm, arm_rows, operation_rows
from aeaug.benchmark.sweeps import sweep_rows
from aeaug.benchmark.table import Row, compared, number
from aeaug.benchmark.training import HandWrittenLoop, trained
from aeaug.benchmark.turns import Side, interleave
from aeaug.benchmark.views import view_rows
from aeaug.classifier import STEPS
from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation import load_feature_nets
from aeaug.evaluation.assess import assess, curves
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import DRAWS
from aeaug.evaluation.kept import Kept, Nets
from aeaug.evaluation.metric import Sample
from aeaug.gan import GANModule
from aeaug.gan.options import GANOptions
from aeaug.library.augmenter import LatentAugmenter
from aeaug.perturbation.gaussian import Gaussian
from aeaug.training.threads import cpu_threads

__all__ = ["ON_ACCELERATOR", "PARTS", "Suite"]

PARTS: tuple[str, ...] = ("gan", "precision", "threads", "loading", "autoencoder", "augmentation", "library", "arms")
PARTS += ("operations", "views", "evaluation", "sweeps")
ON_ACCELERATOR = ("gan", "precision", "arms")
BUDGET, IMAGES_PER_EPOCH = 1_280_000, 51_200  # conf/budget/default.yaml
FEW = 500  # images of a subset
T = TypeVar("T")


@dataclass
class Suite:
    """Each of :data:`PARTS` is a method that yields rows of the table: of ``pairs`` of blocks of ``steps`` steps of
    ``options``, of training ``encoder``, of the arms ``arms_of`` beside the one called none, and of an evaluation of
    ``samples`` images with floors of ``draws`` and small classifiers of ``classifier_steps``; ``swept``: images of a
    run in a sweep, jobs that are planned, runs that are read. Those of :data:`ON_ACCELERATOR` train on
    ``accelerator``, "cpu" or "gpu"; the others tell of the processor."""

    root: Path
    options: GANOptions
    encoder: AutoencoderOptions
    arms_of: Mapping[str, Arm] = field(default_factory=dict)
    steps: int = 32
    pairs: int = 40
    samples: int = 10_000
    draws: int = DRAWS
    classifier_steps: int = STEPS
    swept: tuple[int, int, int] = (BUDGET, 500, 1_000)
    accelerator: str = "cpu"

    def __post_init__(self) -> None:
        self.has_mnist = (self.root / "MNIST" / "raw" / "train-images-idx3-ubyte").is_file()
        self.data = MNISTDataModule("mnist" if self.has_mnist else "mnist_5k", self.root)
        self.data.setup()

    def gan(self) -> Iterator[Row]:
        """Lightning's cost."""
        for batch_size, target in ((64, "≤ 1.04"), (128, "≤ 1.04")):
            name = f"GAN step, batch {batch_size}: Trainer over hand-written loop"
            images = self.data.train_images.to("cuda" if self.accelerator == "gpu" else "cpu")
            loop = HandWrittenLoop(images, self.options, batch_size)
            by_hand = (loop.train(self.steps) for _ in repeat(None))
            yield self._step(name, self._trainer(batch_size), by_hand, target)

    def precision(self) -> Iterator[Row]:
        """bf16-mixed beside 32-true."""
        name = "GAN step, batch 128: bf16-mixed over 32-true"
        yield self._step(name, self._trainer(128, "bf16-mixed"), self._trainer(128))

    def threads(self) -> Iterator[Row]:
        """Two single-threaded runs side by side, or one with two threads: which gets more steps out of two cores?"""
        loop, context = (self.data.train_images, self.options, 128), get_context("spawn")  # forks may not use threads
        spawned = partial(ProcessPoolExecutor, 1, context, _start, loop)
        with spawned() as one, spawned() as other:
            both = ([f.result() for f in [p.submit(_train, 1, self.steps) for p in (one, other)]] for _ in repeat(None))
            alone = (one.submit(_train, 2, self.steps).result() for _ in repeat(None))
            seconds, _ = interleave([both, alone], max(1, self.pairs // 5))
        name = "GAN steps, batch 128: two single-threaded runs side by side over one run with two threads"
        yield compared(name, "steps/s", np.array([[2], [1]]) * self.steps / seconds)

    def loading(self) -> Iterator[Row]:
        """The datamodule's batches beside those of torchvision's MNIST with a DataLoader."""
        batches = np.array([32, 2]) * self.steps
        for workers in (0, 2):
            name, target = f"loading, batch 128: datamodule over torchvision with {workers} workers", "≥ 50"
            if not self.has_mnist:
                yield name, "skipped: MNIST's files are not here", "", "", "", target
                continue
            loaders = self._run(128)[1].train_dataloader(), torchvision_loader(self.root, 128, workers)
            seconds = interleave([*map(reading, loaders, batches)], max(1, self.pairs // 4))
            wall, cpu = 128 * batches[:, None] / seconds
            yield compared(name, "images/s", wall, None if workers else cpu, target)  # workers are other processes

    def autoencoder(self) -> Iterator[Row]:
        """From images to the files of a trained one."""
        data, began = self._few(), time.process_time()
        trained, seconds = timed(lambda: self._encoder_of(data))
        cpu = time.process_time() - began
        steps = trained.report["steps"]
        name = f"training autoencoder={self.encoder.name} on {FEW} images, {steps} steps, and keeping it"
        yield name, f"{number(seconds)} s", f"processor {number(cpu)} s", "", "", "≤ 15 s"

    def augmentation(self) -> Iterator[Row]:
        """Its share of an epoch: one synthetic image for every real one."""
        module, data = self._run(128)
        autoencoder = AutoencoderModule("article")  # untrained: takes as long as a trained one
        data.inject(DecodedSource(autoencoder, data.train_images, Gaussian(name="gaussian", gamma=0.5)), ratio=1.0)
        steps = 16 * -(-self.steps // 16)  # the loader augments for sixteen batches of 128 at once
        clocks = time.perf_counter, lambda: data.loader.augmentation_seconds if data.loader else 0.0
        (total,), (inside,) = interleave([trained(module, data, steps)], max(2, self.pairs // 2), clocks)
        name = "append with the article's autoencoder: augmentation over GAN training, an epoch of 51,200 images"
        epochs = IMAGES_PER_EPOCH / 128 / steps
        yield compared(name, "s", epochs * np.array([inside, total - inside]), target="≤ 0.05")

    def library(self) -> Iterator[Row]:
        """What samples of a LatentAugmenter cost beside a bare pass of its decoder over as many codes."""
        n, data = 10 * self.samples, self._few()
        augmenter = LatentAugmenter("article", "gaussian", steps=1).fit(data.train_images)  # as fast as a trained one
        decoder, codes = augmenter.autoencoder, augmenter.draw(n).sources.remainder(FEW)
        assert decoder is not None

        def bare() -> None:
            with torch.no_grad():
                decoder.decode(augmenter.z[codes])

        taken = interleave([_repeated(lambda: augmenter.sample(n)), _repeated(bare)], max(1, self.pairs // 4))
        wall, cpu = n / taken
        name = f"LatentAugmenter.sample({n:,}), the article's autoencoder, over its decoder alone, all codes at once"
        yield compared(name, "images/s", wall, cpu, "≥ 100,000 images/s")

    def arms(self) -> Iterator[Row]:
        """Injections and rivals; on few images, as filters judge by a trained autoencoder and its training images."""
        others = {name: arm for name, arm in self.arms_of.items() if name != "none"}
        data, pairs = self._few(), max(2, self.pairs // 4)
        encoder = self._encoder_of(data).module
        yield from arm_rows(others, self.arms_of["none"], data, encoder, self.steps, pairs, self.accelerator)

    def operations(self) -> Iterator[Row]:
        """Of injections of perturbed codes, by an untrained autoencoder."""
        injections = {name: arm for name, arm in self.arms_of.items() if arm.augmentation.name != "none"}
        unfiltered = {name: arm for name, arm in injections.items() if arm.filter.name == "none"}
        encoder = AutoencoderModule(self.encoder.network, latent_dim=self.encoder.latent_dim)
        yield from operation_rows(unfiltered, self.arms_of["none"], self._few(), encoder)

    def views(self) -> Iterator[Row]:
        """Ours beside kornia's."""
        images = to_float(self.data.train_images[:128])
        yield from view_rows(self._trainer(128), images, self.steps, max(2, self.pairs // 4))

    def evaluation(self) -> Iterator[Row]:
        """Where its time goes, on all cores; and what it costs beside the training, on one."""
        splits, nets = self.data.splits, load_feature_nets(self.data.description)
        n = min(self.samples, len(splits.test_images))
        test, labels, train = to_float(splits.test_images[:n]), splits.test_labels[:n], to_float(self.data.train_images)
        images, cores = to_float(splits.unseen_images[:n]), os.cpu_count() or 1
        with cpu_threads(cores):
            evaluator, once = timed(
                partial(FinalEvaluator, classifier_steps=self.classifier_steps), test, labels, train, nets
            )
            _, together = timed(evaluator.evaluate, images)
            features, seconds = timed(evaluator.features, images)
            parts = {"features": seconds}
            for space, measures in evaluator.measures.items():
                sample = Sample(images, features[space].features.double(), features[space].logits)
                for name, measure in measures.items():
                    parts[name] = parts.get(name, 0) + timed(measure, sample)[1]
        each = ", ".join(f"{name} {number(seconds)} s" for name, seconds in parts.items())
        name, target = f"evaluation of {n:,} samples, all metrics, {cores} threads", "≤ 20 s" if n >= 10_000 else ""
        yield name, f"{number(together)} s", f"{each}; once a run {number(once)} s", "", "", target
        yield from self._second_arm(nets)

    def sweeps(self) -> Iterator[Row]:
        """Commands as they are typed."""
        data = ["data=mnist", f"data.root={self.root}"] if self.has_mnist else ["data=mnist_5k"]
        images, planned, read = self.swept
        yield from sweep_rows(data, images=images, planned=planned, read=read)

    def _second_arm(self, nets: Nets) -> Iterator[Row]:
        """All that is measured of a run whose subset another run was measured on before, beside its training."""
        data = MNISTDataModule(self.data.dataset, self.root, FEW)
        data.setup()
        autoencoder = _Untrained(
            AutoencoderModule("article", shape=data.description.shape).eval().requires_grad_(False)
        )  # takes as long
        source = DecodedSource(autoencoder.module, data.train_images, Gaussian(name="gaussian", gamma=0.5))
        (module, batches), other = self._run(64), self._untrained()
        steps = 8 * self.steps
        with TemporaryDirectory() as folder:
            store = ArtifactStore(Path(folder))
            validation = curves(data, nets, Kept(store))

            def final() -> None:
                generators = {"end": module, "best": other}
                assess(
                    generators,
                    data,
                    nets,
                    validation,
                    0,
                    store=store,
                    source=source,
                    artifact=autoencoder,
                    classifier_steps=self.classifier_steps,
                    draws=self.draws,
                )
                other.ema.load_state_dict(module.ema.state_dict())  # another one the next time, as trained as that

            def reading() -> None:
                validation.evaluate(module.sample(len(validation), 0, "validation latents"))

            _, first = timed(final)
            sides = trained(module, batches, steps), _repeated(reading), _repeated(final)
            taken = interleave(sides, max(1, self.pairs // 12))
        readings = BUDGET // IMAGES_PER_EPOCH
        whole = np.stack([readings * taken[:, 1] + taken[:, 2], taken[:, 0] * BUDGET / 64 / steps], axis=1)
        name = (
            f"evaluation from the second arm of a subset of {FEW} on, {readings} readings and two generators "
            f"(the first arm: {number(first)} s more), over GAN training, {BUDGET:,} images, batch 64, one thread"
        )
        wall, cpu = whole
        yield compared(name, "s", wall, cpu, "≤ 0.2")

    def _run(self, batch_size: int) -> tuple[GANModule, MNISTDataModule]:
        data = self.data.rebatched(batch_size, seed=0)
        data.images_per_epoch = IMAGES_PER_EPOCH
        return self._untrained(), data

    def _untrained(self) -> GANModule:
        return GANModule(**self.options.model_dump(exclude={"name"}), shape=self.data.description.shape)

    def _trainer(self, batch_size: int, precision: str = "32-true") -> Side:
        return trained(*self._run(batch_size), self.steps, precision, self.accelerator)

    def _few(self) -> MNISTDataModule:
        """A subset of :data:`FEW` images."""
        data = MNISTDataModule(self.data.dataset, self.root, FEW)
        data.setup()
        return data

    def _encoder_of(self, data: MNISTDataModule) -> AutoencoderArtifact:
        """``encoder``, trained on a subset of :data:`FEW` and kept for a moment."""
        options = self.encoder.model_copy(
            update={"steps": self.encoder.steps or chosen_steps(self.encoder, FEW, self.data.dataset)}
        )
        with TemporaryDirectory() as folder:
            return trained_autoencoder(ArtifactStore(Path(folder)), options, data, progress=False)

    def _step(self, name: str, here: Side, other: Side, target: str = "") -> Row:
        wall, cpu = interleave([here, other], self.pairs) * 1000 / self.steps
        return compared(name, "ms", wall, cpu, target)


def torchvision_loader(root: Path, batch_size: int, workers: int) -> "DataLoader[Any]":
    """MNIST's training images in [-1, 1], shuffled, as torchvision's documentation reads them."""
    images = MNIST(str(root), transform=Compose([ToTensor(), Normalize((0.5,), (0.5,))]))
    # Sides are waiting when an epoch starts: their start-up is not measured.
    return DataLoader(images, batch_size, shuffle=True, num_workers=workers, persistent_workers=workers > 0)


def reading(batches: Any, count: int) -> Side:
    """Blocks of ``count`` of ``batches``, which are read over and over."""
    endless = chain.from_iterable(repeat(batches))
    return (deque(islice(endless, int(count)), maxlen=0) for _ in repeat(None))


@dataclass
class _Untrained:
    """An autoencoder as evaluation needs it."""

    module: AutoencoderModule
    key: str = "0" * 16
    summary: Mapping[str, Any] = field(default_factory=dict)


def _repeated(work: Callable[[], object]) -> Side:
    """Blocks of ``work`` once."""
    while True:
        work()
        yield


def timed(work: Callable[..., T], *arguments: Any) -> tuple[T, float]:
    """What ``work`` returns, and the seconds it takes."""
    began = time.perf_counter()
    return work(*arguments), time.perf_counter() - began


_loop: HandWrittenLoop  # of a spawned process


def _start(*arguments: Any) -> None:
    global _loop
    _loop = HandWrittenLoop(*arguments)


def _train(threads: int, steps: int) -> int:
    torch.set_num_threads(threads)
    return _loop.train(steps)
