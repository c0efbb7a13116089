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
from torchvision.utils import save_image

from aeaug.artifacts import ArtifactStore
from aeaug.assessment import assess, comparison
from aeaug.augmentation import DecodedSource
from aeaug.autoencoder.training import trained_autoencoder
from aeaug.checkpoint import EpochCheckpoint
from aeaug.clock import Clock
from aeaug.data import MNISTDataModule, to_float
from aeaug.divergence import Diverged
from aeaug.evaluation import Evaluator, load_feature_net
from aeaug.gan import GANModule
from aeaug.gan.monitor import ValidationMonitor
from aeaug.options import RunOptions
from aeaug.run_directory import RunDirectory
from aeaug.tensorboard import log_hparams, run_logger
from aeaug.trainer import build_trainer, check_machine

__all__ = ["Experiment"]

log = logging.getLogger(__name__)


class Experiment:
    """One run of the pipeline. Building it loads the data and checks everything that can be wrong before any work."""

    def __init__(self, options: RunOptions) -> None:
        """Raises ``ValueError``, in one line, for data that is missing or damaged, for options that do not fit it, and
        for a run folder that may not be written."""
        self.options = options
        check_machine(options.trainer.accelerator, options.trainer.devices, options.trainer.strategy)
        self.leads = getattr(rank_zero_only, "rank", 0) == 0  # of several processes, the one that writes
        self.directory = RunDirectory(options)
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
        self.feature_net, self.feature_net_sha256 = load_feature_net()
        self.source: DecodedSource | None = None
        self.autoencoder_report: dict[str, Any] | None = None
        self.parameters: dict[str, int | None] = {"autoencoder": None}

    def run(self) -> float:
        """Train and evaluate; return the last Fréchet distance on the validation slice (inf if training diverged).

        A run that is finished already is left alone. The test set is not what is returned: a sweeper may minimise it.
        """
        if not self.leads:
            with _threads(self.options.trainer.threads):
                self._train(self._checkpoint(), None)
            return math.nan
        if self.directory.state() in ("done", "diverged"):
            log.info("%s is %s already", self.directory.path, self.directory.state())
            return self._validation_fd()
        self.directory.open()
        try:
            with _threads(self.options.trainer.threads):
                self._run()
            log.info("%s: %s", self.directory.path, self.directory.state())
        except Exception:
            log.exception("%s: failed", self.directory.path)
            self.directory.update(state="failed", traceback=traceback.format_exc())
            raise
        except (KeyboardInterrupt, SystemExit):  # Lightning turns the first into the second
            log.warning("%s: interrupted; go on with resume=true", self.directory.path)
            raise
        finally:
            self.directory.close()
        return self._validation_fd()

    def _validation_fd(self) -> float:
        history = self.directory.read_history()
        if self.directory.state() == "diverged" or not history:
            return math.inf
        return float(history[-1]["frechet_distance"])

    def _checkpoint(self) -> Path | None:
        """What to go on from, on every process the same."""
        path = self.directory.checkpoint
        return path if self.options.resume and path.exists() else None

    def _run(self) -> None:
        directory = self.directory
        checkpoint, images_seen = self._checkpoint(), 0
        if checkpoint:
            images_seen = torch.load(checkpoint, weights_only=True)["progress"]["images_seen"]
        directory.truncate_history(images_seen)
        logger = run_logger(directory.path, images_seen if checkpoint else None)
        try:
            module = self._train(checkpoint, logger)
        except Diverged as error:
            log.warning("%s diverged: %s", directory.path, error)
            directory.write_metrics(self._metrics())
            directory.update(state="diverged", traceback=str(error))
            return
        began = time.perf_counter()
        measured = assess(
            module,
            self.source,
            self.data,
            self.feature_net,
            self.validation,
            self.options.seed,
            self.options.trainer.progress,
        )
        spent = directory.seconds()
        directory.update(seconds={**spent, "evaluation": spent["evaluation"] + time.perf_counter() - began})
        picture = comparison(module, self.source, self.data, self.options.seed)
        save_image(picture, directory.samples / "comparison.png")
        logger.experiment.add_image("real, synthetic, generated", picture, module.images_seen)
        directory.write_metrics(self._metrics() | measured)
        numbers = {f"test/{k}": float(v) for k, v in measured["test"].items() if k not in ("n", "class_histogram")}
        log_hparams(logger, self.options.model_dump(), numbers)
        logger.finalize("success")
        directory.update(state="done", images=module.images_seen)

    def _train(self, checkpoint: Path | None, logger: Any) -> GANModule:
        """Train the GAN, on from ``checkpoint`` if there is one, after the autoencoder that its injection needs."""
        options, directory = self.options, self.directory
        self.validation = Evaluator(to_float(self.data.splits.val_images), self.feature_net)
        monitor = ValidationMonitor(
            self.validation.evaluate,
            directory.append_history,
            n_samples=len(self.validation),
            every=options.evaluation.every,
            folder=directory.samples,
        )
        clock = Clock(self.data, monitor)

        def note(module: L.LightningModule) -> None:
            if self.leads:
                directory.update(images=module.images_seen, seconds=clock.seconds())

        trainer = build_trainer(
            "gan",
            progress=options.trainer.progress,
            callbacks=[monitor, EpochCheckpoint(directory.checkpoint, note)],
            accelerator=options.trainer.accelerator,
            devices=options.trainer.devices,
            strategy=options.trainer.strategy,
            precision=options.trainer.precision,
            max_epochs=options.budget.epochs,
            logger=logger or False,
            enable_checkpointing=False,
        )
        if self.leads:
            directory.update(device=str(trainer.strategy.root_device))
        self._prepare_source(trainer.strategy.root_device)
        module = GANModule(**options.gan.model_dump(exclude={"name"}), seed=options.seed)
        self.parameters |= {
            "generator": _size(module.generator),
            "discriminator": _size(module.discriminator),
        }
        clock.start(directory.seconds())
        trainer.fit(module, self.data, ckpt_path=checkpoint, weights_only=True)
        return module

    def _prepare_source(self, device: torch.device) -> None:
        """Get the autoencoder of the training subset and inject what it makes; nothing for the baseline."""
        options = self.options
        if options.augmentation.name == "none":
            return
        artifact = trained_autoencoder(
            ArtifactStore(Path(options.outputs) / "artifacts"),
            options.autoencoder,
            self.data,
            accelerator="gpu" if device.type == "cuda" else "cpu",
            progress=options.trainer.progress,
        )
        self.autoencoder_report = {"key": artifact.key, **artifact.report}
        self.parameters["autoencoder"] = _size(artifact.module)
        if self.leads:  # what its training took, whichever run did it
            self.directory.update(seconds={**self.directory.seconds(), "autoencoder": artifact.seconds})
        self.source = DecodedSource(artifact.module, self.data.train_images.to(device), options.perturbation)
        self.data.inject(self.source, **options.augmentation.rates())

    def _metrics(self) -> dict[str, Any]:
        """What ``metrics.json`` says of a run whether or not it could be evaluated."""
        options, history = self.options, self.directory.read_history()
        return {
            "name": options.name,
            "variant": options.variant,
            "seed": options.seed,
            "data": {
                "name": options.data.name,
                "sha256": self.data.splits.sha256,
                "n_train": len(self.data.train_images),
                "subset_sha256": self.data.subset_sha256,
                "n_test": len(self.data.splits.test_images),
            },
            "feature_net": self.feature_net_sha256,
            "budget": options.budget.model_dump(),
            "validation": history[-1] if history else None,
            "autoencoder": self.autoencoder_report,
            "parameters": self.parameters,
        }


def _size(network: torch.nn.Module) -> int:
    return sum(weights.numel() for weights in network.parameters())


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
