"""One run, from options to metrics: the only place that knows all stages.

data → autoencoder (trained once, stored) → perturbation → injection → GAN → evaluation.
"""

import logging
import math
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.utilities.rank_zero import rank_zero_only
from lightning.pytorch.callbacks import Callback, TQDMProgressBar
from torch import Tensor
from torchvision.utils import save_image

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation import DecodedSource
from aeaug.autoencoder.training import AutoencoderArtifact, trained_autoencoder
from aeaug.checkpoint import AtomicCheckpointIO, EpochCheckpoint
from aeaug.data import MNISTDataModule, to_float
from aeaug.evaluation.evaluator import Evaluator
from aeaug.evaluation.features import load_feature_net
from aeaug.gan import Diverged, GANModule
from aeaug.gan.monitor import ValidationMonitor
from aeaug.options import RunOptions
from aeaug.randomness import generator
from aeaug.run_directory import RunDirectory
from aeaug.tensorboard import image_rows, log_hparams, run_logger

__all__ = ["Experiment"]

log = logging.getLogger(__name__)


class Experiment:
    """One run of the pipeline. Building it loads the data and checks everything that can be wrong before any work."""

    def __init__(self, options: RunOptions) -> None:
        """Raises ``ValueError``, in one line, for data that is missing or damaged, for options that do not fit it, and
        for a run folder that may not be written."""
        self.options = options
        path = Path(options.outputs) / "runs" / options.name / options.variant / f"seed={options.seed}"
        self.directory = RunDirectory(path, options.model_dump(), options.budget.images)
        self.leads = rank_zero_only.rank == 0  # of several processes, the one that writes
        if self.leads:
            self.directory.check(options.resume)
        self.data = MNISTDataModule(
            options.data.name,
            options.data.root,
            options.data.n_train,
            options.data.subset_seed,
            options.budget.batch_size,
            options.budget.images_per_epoch,
            options.seed,
        )
        self.data.setup()

    def run(self) -> float:
        """Train and evaluate; return the last Fréchet distance on the validation slice (inf if training diverged).

        A run that is finished already is left alone. The test set is not what is returned: a sweeper may minimise it.
        """
        if not self.leads:
            with _threads(self.options.trainer.threads):
                self._train(None)
            return math.nan
        if self.directory.state() in ("done", "diverged"):
            log.info("%s is %s already", self.directory.path, self.directory.state())
            return self._validation_fd()
        self.directory.open()
        try:
            with _threads(self.options.trainer.threads):
                self._run()
        except Exception:
            self.directory.update(state="failed", traceback=traceback.format_exc())
            raise
        finally:
            self.directory.close()
        return self._validation_fd()

    def _validation_fd(self) -> float:
        history = self.directory.read_history()
        diverged = self.directory.state() == "diverged" or not history
        return math.inf if diverged else float(history[-1]["frechet_distance"])

    def _run(self) -> None:
        directory = self.directory
        resumed = directory.checkpoint if self.options.resume and directory.checkpoint.exists() else None
        images_seen = 0
        if resumed is not None:
            saved = torch.load(resumed, map_location="cpu", weights_only=True)
            images_seen = saved["progress"]["images_seen"]
        directory.truncate_history(images_seen)
        logger = run_logger(directory.path, images_seen if resumed is not None else None)
        try:
            module, source, artifact = self._train(resumed, logger)
        except Diverged as error:
            log.warning("diverged: %s", error)
            directory.write_metrics(self._metrics(None, {}, None))
            directory.update(state="diverged", traceback=str(error))
            return
        began = time.perf_counter()
        test, floors = self._evaluate(module, source)
        directory.add_seconds("evaluation", time.perf_counter() - began)
        self._picture(module, source, logger)
        metrics = self._metrics(artifact, {"test": test, "floors": floors}, module)
        directory.write_metrics(metrics)
        numbers = {f"test/{k}": float(v) for k, v in test.items() if isinstance(v, int | float)}
        log_hparams(logger, self.options.model_dump(), numbers)
        logger.finalize("success")
        directory.update(state="done", images=module.images_seen)

    def _train(
        self, resumed: Path | None, logger: Any = False
    ) -> tuple[GANModule, DecodedSource | None, AutoencoderArtifact | None]:
        options, data, directory = self.options, self.data, self.directory
        gan = options.gan.model_dump(exclude={"name"})
        module = GANModule(**gan, seed=options.seed)
        began = time.perf_counter()
        feature_net, self.feature_net_sha256 = load_feature_net()
        validation = Evaluator(to_float(data.splits.val_images), feature_net)
        callbacks: list[Callback] = [
            ValidationMonitor(
                validation.evaluate,
                directory.append_history,
                n_samples=len(data.splits.val_images),
                every=options.evaluation.every,
                folder=directory.samples,
            ),
            EpochCheckpoint(directory.checkpoint, self._note_progress),
        ]
        if options.trainer.progress:
            callbacks.append(TQDMProgressBar(refresh_rate=20))
        trainer = L.Trainer(
            accelerator=options.trainer.accelerator,
            devices=options.trainer.devices,
            strategy=options.trainer.strategy,
            precision=options.trainer.precision,
            max_epochs=options.budget.epochs,
            limit_val_batches=0,
            logger=logger,
            callbacks=callbacks,
            plugins=[AtomicCheckpointIO()],
            enable_checkpointing=False,
            enable_progress_bar=options.trainer.progress,
            enable_model_summary=False,
            use_distributed_sampler=False,
        )
        source, artifact = None, None
        if options.augmentation.name != "none":
            store = ArtifactStore(Path(options.outputs) / "artifacts")
            accelerator = "gpu" if trainer.strategy.root_device.type == "cuda" else "cpu"
            artifact = trained_autoencoder(
                store, options.autoencoder, data, accelerator=accelerator, progress=options.trainer.progress
            )
            device_images = data.train_images.to(trainer.strategy.root_device)
            source = DecodedSource(artifact.module, device_images, options.perturbation)
            data.inject(source, **options.augmentation.rates())
        if self.leads:
            directory.update(device=str(trainer.strategy.root_device))
        began = time.perf_counter()
        trainer.fit(module, data, ckpt_path=resumed, weights_only=True)
        if self.leads:
            assert data.loader is not None
            directory.add_seconds("augmentation", data.loader.augmentation_seconds)
            directory.add_seconds("gan", time.perf_counter() - began)
        return module, source, artifact

    def _note_progress(self, module: L.LightningModule) -> None:
        if self.leads:
            assert isinstance(module, GANModule)
            self.directory.update(images=module.images_seen)

    def _evaluate(
        self, module: GANModule, source: DecodedSource | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Measure the averaged generator, once, against the whole test split, and the floors beside it."""
        splits, seed = self.data.splits, self.options.seed
        feature_net, _ = load_feature_net()
        evaluator = Evaluator(to_float(splits.test_images), feature_net)
        n = len(splits.test_images)
        copied = torch.arange(n) % len(self.data.train_images)
        floors = {
            "real": evaluator.evaluate(to_float(splits.fresh_images)),
            "copy": evaluator.evaluate(to_float(self.data.train_images[copied])),
        }
        if source is not None:
            floors["decoded"] = evaluator.evaluate(self._decoded(source, copied, seed))
        return evaluator.evaluate(module.sample(n, seed, "evaluation latents").cpu()), floors

    def _decoded(self, source: DecodedSource, indices: Tensor, seed: int) -> Tensor:
        device = source.codes.z.device
        draw = generator(seed, "evaluation of decoded images", device=device)
        return source(indices.to(device), draw).cpu()

    def _picture(self, module: GANModule, source: DecodedSource | None, logger: Any) -> None:
        """Real images, synthetic ones made from them, and generated ones, a row each."""
        indices = torch.arange(10)
        rows = [to_float(self.data.train_images[indices])]
        if source is not None:
            rows.append(self._decoded(source, indices, self.options.seed))
        rows.append(module.sample(64, module.seed, "validation latents")[:10])
        picture = image_rows(rows)
        save_image(picture, self.directory.samples / "comparison.png")
        logger.experiment.add_image("real, synthetic, generated", picture, module.images_seen)

    def _metrics(
        self, artifact: AutoencoderArtifact | None, measured: dict[str, Any], module: GANModule | None
    ) -> dict[str, Any]:
        options, splits = self.options, self.data.splits
        history = self.directory.read_history()
        return {
            "name": options.name,
            "variant": options.variant,
            "seed": options.seed,
            "data": {
                "name": options.data.name,
                "sha256": splits.sha256,
                "n_train": len(self.data.train_images),
                "subset_sha256": self.data.subset_sha256,
                "n_test": len(splits.test_images),
            },
            "feature_net": self.feature_net_sha256,
            "budget": options.budget.model_dump(),
            **measured,
            "validation": history[-1] if history else None,
            "autoencoder": None if artifact is None else {"key": artifact.key, **artifact.report},
        }


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
