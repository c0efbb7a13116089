"""One run, from options to metrics: the only place that knows all stages.

data → autoencoder (trained once, stored) → perturbation → injection → GAN → evaluation.
"""

import logging
import math
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.utilities.rank_zero import rank_zero_only
from lightning.pytorch.loggers import Logger, TensorBoardLogger

from aeaug.artifacts import ArtifactStore
from aeaug.augmentation.entry import enter_training
from aeaug.augmentation.gates import Gate, Verdict
from aeaug.augmentation.sources import Source
from aeaug.autoencoder.artifact import AutoencoderArtifact
from aeaug.evaluation.assess import assess, curves
from aeaug.evaluation.floors import validation_floor
from aeaug.evaluation.kept import Kept, Nets, leading, telling_classes
from aeaug.evaluation.modes import SAMPLES
from aeaug.faults import Fault, explanation
from aeaug.gan import GANModule
from aeaug.run.account import account
from aeaug.run.best import Content, module_of
from aeaug.run.clock import Clock, added
from aeaug.run.determinism import require_deterministic
from aeaug.run.folder.folder import RunFolder
from aeaug.run.identity.circumstances import circumstances
from aeaug.run.interruption import Stop, mark_interrupted, stoppable
from aeaug.run.memory import PeakMemory
from aeaug.run.monitor import ValidationMonitor, layout
from aeaug.run.options import RunOptions
from aeaug.run.parts import autoencoder_of, data_of, fed_of, probe_of, source_of, spaces_of_run, verdict_of
from aeaug.run.pruning import Pruned, Watch
from aeaug.run.resumption import gone_back, newest, untrained
from aeaug.run.showing import pictures_of, show_codes, show_options, show_outcome
from aeaug.run.summary import summary
from aeaug.training.checkpoint import EpochCheckpoint, Newest
from aeaug.training.divergence import Diverged
from aeaug.training.flags import SHORTENING
from aeaug.training.loggers import build_logger
from aeaug.training.machine import check_machine
from aeaug.training.options import require_logger
from aeaug.training.pictures import save_picture
from aeaug.training.processes import together
from aeaug.training.tensorboard import writing_quietly
from aeaug.training.threads import cpu_threads
from aeaug.training.trainer import build_trainer, profiler_into

__all__ = ["Run"]

log = logging.getLogger(__name__)


class Run:
    """One run of the pipeline. Building it loads the data and checks everything that can be wrong before any work."""

    def __init__(self, options: RunOptions, watch: Watch | None = None) -> None:
        """``watch``: is shown every reading, and may end the run (:mod:`aeaug.run.pruning`).

        Raises ``ValueError``, in one line, for data that is missing or damaged, for options that do not fit it, and
        for a run folder that may not be written."""
        self.watch = watch
        check_machine(options.trainer.accelerator, options.trainer.devices, options.trainer.strategy)
        require_deterministic(options)
        require_logger(options.logger)
        self.leads = getattr(rank_zero_only, "rank", 0) == 0  # of several processes, the one that writes
        self.folder = RunFolder(options)
        if self.leads:
            self.folder.check()
        self._goes_on = options.resume is not False or options.budget.extend is not None
        self.options = self.folder.options()  # with the budget to which this start goes
        self.data = data_of(options)
        self.fed = fed_of(options, self.data)
        self.store = ArtifactStore(Path(options.outputs) / "artifacts")
        self.spaces = spaces_of_run(options, self.data, self.store)
        self.source: Source | None = None
        self.artifact: AutoencoderArtifact | None = None
        self.verdict: Verdict | None = None
        self.module: GANModule | None = None
        self.device = torch.device("cpu")  # of the training, and of the autoencoder's
        self.best: Content | None = None
        self.parameters: dict[str, int | None] = {"autoencoder": None}
        self.memory = PeakMemory()
        self.stop = Stop()

    @property
    def nets(self) -> Nets:
        """The net of every feature space, the leading one first; what has to be trained is trained when it is asked
        for."""
        return self.spaces.nets

    def run(self) -> float:
        """Train and evaluate; return the last Fréchet distance on the validation slice (inf if training diverged).

        A run that is finished already is left alone. The test set is not what is returned: a sweeper may minimise it.
        """
        if not self.leads:
            with cpu_threads(self.options.trainer.threads):
                found = self._newest()
                self._train(found and found.path, None)
            return math.nan
        self.folder.set_aside()
        if self.folder.finished():
            longer = self.folder.outgrown()
            why = f"it goes to {longer:,} images by now" if longer else "it was finished before"
            if other := self.folder.of_other_code():
                log.warning("%s", other)
            log.info("left as it is, for %s\n%s", why, self.summary())
            return self.folder.validation_fd()
        with stoppable() as self.stop:
            self._open()
            self._stages()
        return self.folder.validation_fd()

    def _open(self) -> None:
        try:
            self.folder.open()
        except (KeyboardInterrupt, SystemExit):
            if mark_interrupted(self.folder.path):  # its status said running already
                log.warning("%s: interrupted; the same command goes on", self.folder.path)
            raise

    def _stages(self) -> None:
        """Go through what there is to do in the opened folder, whatever stops it, and close it."""
        try:
            self.options = self.folder.options()
            with writing_quietly(self.folder.note), cpu_threads(self.options.trainer.threads):
                self._run()
            log.info(self.summary())
        except Pruned as pruned:
            self._leave("pruned")
            log.info("%s: pruned (%s)", self.folder.path, pruned)
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.filename is None:  # some libraries' writers do not say it
                error.filename = str(self.folder.path)
            self._leave("failed", error)
            line = explanation(error)
            if line is None:
                raise
            if not isinstance(error, Fault):  # which says itself what to do
                line += "; then the same command goes on"
            raise Fault(line) from error
        except (KeyboardInterrupt, SystemExit):
            self._leave("interrupted")
            log.warning("%s; the same command goes on", self.summary().splitlines()[0])
            raise
        finally:
            self.folder.close()

    def _leave(self, state: str, error: BaseException | None = None) -> None:
        """Say how the run ended before its end, as far as the disk lets it be said."""
        try:
            fault = "".join(traceback.format_exception(error)) if error else None
            if fault:
                self.folder.note(fault)
            self.folder.status.update(state=state, traceback=fault)
        except OSError as full:
            log.warning("%s: its state could not be written (%s)", self.folder.path, full)

    def summary(self) -> str:
        """What came of the run, in two lines, and in a third that one in small says nothing of the one in full."""
        small = "in small (debug=true): it went through, and its numbers mean nothing"
        return "\n".join([summary(self.folder.path), *[small] * self.options.debug])

    def _newest(self) -> Newest | None:
        """The checkpoint to go on from, if this start is to go on from one."""
        return newest(self.folder, self.options) if self._goes_on else None

    def _run(self) -> None:
        folder = self.folder
        checkpoint, images_seen, self.best = gone_back(folder, self.options, self._newest())
        # Also where a run begins anew that has lost its checkpoints: what it logged once must not stand there twice.
        began_before = any(folder.path.glob("events.*"))
        logger = build_logger(
            self.options.logger,
            folder.path,
            Path(self.options.outputs),
            images_seen if began_before else None,
            layout(),
            begun=folder.status.started,
        )
        if not began_before:
            show_options(logger, folder.config)
        try:
            module = self._train(checkpoint, logger)
            best = self._best(module)
            if self.artifact is None and self.options.evaluation.autoencoder and self.options.evaluation.test:
                self.artifact = autoencoder_of(self.options, self.fed, self.device)
            began, shared = time.perf_counter(), self.store.seconds
            metrics = self._metrics()
            if self.options.evaluation.test:
                metrics |= self._assess({"end": module, "best": best})
        except Diverged as error:
            log.warning("%s diverged: %s", folder.path, error)
            folder.write_metrics(self._metrics())
            show_outcome(logger, self.options, {})
            logger.finalize("failed")
            folder.previous_checkpoint.unlink(missing_ok=True)
            folder.status.update(state="diverged", traceback=str(error))
            return
        own = time.perf_counter() - began - (self.store.seconds - shared)
        self._spend({"evaluation": own, "shared": self.store.seconds})
        lead, telling = leading(self.nets), telling_classes(self.nets) or leading(self.nets)
        measured = metrics["readings"]["end"]["spaces"] if "readings" in metrics else {}
        tested = {**measured.get(telling, {}), **measured.get(lead, {})}
        net = self.nets[lead][0]
        pictures = pictures_of(module, best, self.data, self.fed, net, self.source, self.artifact)
        for name, picture in pictures.items():
            save_picture(folder.samples / f"{name}.png", picture)
        if isinstance(logger, TensorBoardLogger):
            classes = tested.get("class_histogram")
            show_codes(logger, module, self.data, self.fed, self.nets[telling][0], self.source, self.artifact, classes)
        folder.write_metrics(metrics)
        show_outcome(logger, self.options, tested, module.images_seen)
        logger.finalize("success")
        folder.previous_checkpoint.unlink(missing_ok=True)  # two files of weights are left
        folder.status.update(state="done", images=module.images_seen)

    def _spend(self, seconds: Mapping[str, float], processor: Mapping[str, float] | None = None) -> None:
        """Add the seconds of stages, and those of processors where they led to the generator. ``shared``: spent on what
        is kept, and other runs find that want the same."""
        folder = self.folder
        both = added(folder.status.seconds(), seconds), added(folder.status.processor_seconds(), processor or {})
        folder.status.update(seconds=both[0], processor_seconds=both[1])

    def _best(self, module: GANModule) -> GANModule:
        """The averaged generator at its best validation FD, where ``module`` is; every run has a last reading."""
        assert self.best is not None
        return module_of(self.best).to(module.device)

    def _assess(self, generators: dict[str, GANModule]) -> dict[str, Any]:
        """What ``metrics.json`` says besides of a run that came to its end and is measured on the test split."""
        return assess(
            generators,
            self.data,
            self.nets,
            self.validation,
            self.options.seed,
            store=self.store,
            source=self.source,
            artifact=self.artifact,
            fed=self.fed,
            best_of=len(self.folder.read_history()),
            classifier_steps=self.options.evaluation.classifier_steps,
            draws=self.options.evaluation.floor_draws,
            mode_samples=len(self.data.splits.test_images) if self.options.debug else SAMPLES,
            progress=self.options.trainer.progress,
        )

    def _train(self, checkpoint: Path | None, logger: Logger | None) -> GANModule:
        """Train the GAN, on from ``checkpoint`` if there is one, after the autoencoder that its injection needs."""
        options, folder = self.options, self.folder
        kept = Kept(self.store)
        self.validation = curves(self.data, self.nets, kept)
        draws = self.options.evaluation.floor_draws
        floor = validation_floor(self.data, self.validation, self.nets, kept, draws) if self.leads else None
        self.curves_floor = floor
        shown: dict[str, float] = {}  # in the bar

        def record(entry: dict[str, Any]) -> None:
            folder.append_history(entry)
            shown.update(loss_d=entry["loss_d"], loss_g=entry["loss_g"], FD=entry["frechet_distance"])
            if self.watch is not None:
                self.watch(entry)

        monitor = ValidationMonitor(
            lambda images: self.validation.frechet_distance(self.validation.features(images)),
            record,
            n_samples=self.validation.generated,
            every=options.evaluation.every,
            folder=folder.samples,
            floor=floor["spaces"][leading(self.nets)]["frechet_distance"] if floor else None,
            entries=folder.read_history() if self.leads else (),
            best=self.best,
            best_file=folder.best if self.leads else None,
        )
        clock = Clock(self.fed, monitor)
        self.fed.in_blocks = not set(SHORTENING) & options.trainer.flags().keys()  # which count batches

        def note(module: L.LightningModule) -> None:
            assert isinstance(module, GANModule)
            folder.status.keep_pace(module.images_seen, clock.seconds(), clock.processor_seconds())
            self.stop.check()

        flags = options.trainer.flags()
        if name := flags.get("profiler"):
            flags["profiler"] = profiler_into(folder.path, name)
        trainer = build_trainer(
            "gan",
            progress=options.trainer.progress,
            callbacks=[monitor, EpochCheckpoint(folder.checkpoint, note, folder.previous_checkpoint, checkpoint)],
            shown=shown,
            accelerator=options.trainer.accelerator,
            devices=options.trainer.devices,
            strategy=options.trainer.strategy,
            precision=options.trainer.precision,
            max_epochs=options.epochs,
            logger=logger or False,
            enable_checkpointing=False,
            **flags,
        )
        # After the training Lightning has the module on the CPU.
        self.device = device = trainer.strategy.root_device
        folder.status.trains(str(device), circumstances(device))
        self.memory.start(device)
        self.module = module = untrained(options)
        if options.augmentation.name != "none":
            self._inject(device, module)
        monitor.probe = probe_of(options, self.fed, self.data.splits.val_images, self.source)
        monitor.acceptance = self._acceptance
        if self.source is not None:
            enter_training(options.augmentation, options.schedule, self.source, module, self.fed)
        if count := len(self.fed.held_out_images):
            if self.leads:
                log.info("%d images of the subset are held out, %d trained on", count, len(self.fed.train_images))
            module.hold_out(self.fed.train_images, self.fed.held_out_images)
        self.parameters |= {
            "generator": _size(module.generator),
            "discriminator": _size(module.discriminator),
        }
        clock.start(folder.status.seconds(), folder.status.processor_seconds())
        try:
            with together(trainer, folder.log, lambda line: self._leave("failed", Fault(line))):
                trainer.fit(module, self.fed, ckpt_path=checkpoint, weights_only=True)
        finally:
            folder.status.update(peak_memory=self.memory.read())
        if self.source is not None and self.source.snapshot is not None:
            self.source.snapshot.take()  # what is measured of it is of the discriminator in the last checkpoint
        self.best = monitor.best
        return module

    def _inject(self, device: torch.device, module: GANModule) -> None:
        """Have what the autoencoder makes of the images that are trained on, where the run's gate lets it in."""
        begun_with = self.folder.autoencoder()
        self.artifact = autoencoder_of(self.options, self.fed, device, begun_with)
        if begun_with not in (None, self.artifact.key):
            log.warning("autoencoder %s is gone: the run goes on with %s", begun_with, self.artifact.key)
        self.parameters["autoencoder"] = _size(self.artifact.module)
        # What its training took, whichever run did it.
        seconds = {**self.folder.status.seconds(), "autoencoder": self.artifact.seconds}
        processor = {**self.folder.status.processor_seconds(), "autoencoder": self.artifact.processor_seconds}
        self.folder.status.update(seconds=seconds, processor_seconds=processor, autoencoder=self.artifact.key)
        if self._passes():
            self.source = source_of(self.options, self.artifact, self.fed, module)

    def _passes(self) -> bool:
        """Whether the autoencoder is good enough for the run's gate, as was found when the training began. Raises
        :class:`Fault` where it is not, and the run is not to go on without it."""
        gate, began, processor = self.options.gate, time.perf_counter(), time.process_time()
        assert self.artifact is not None
        self.verdict = self.folder.verdict() or verdict_of(self.options, self.artifact, self.fed)
        if self.verdict is None:
            return True
        assert isinstance(gate, Gate)
        self.folder.status.update(gate=self.verdict)
        self._spend({"gate": time.perf_counter() - began}, {"gate": time.process_time() - processor})
        if self.verdict["passed"]:
            return True
        if gate.below == "refuse":
            raise Fault(gate.fault(self.verdict))
        log.warning("gate=%s: %s, so nothing is injected", gate.name, gate.said(self.verdict))
        return False

    def _acceptance(self) -> float | None:
        """The share of the synthetic images of an epoch that its filter accepted, if there is one."""
        if self.options.filter.name == "none" or self.fed.loader is None:
            return None
        return self.fed.loader.acceptance

    def _metrics(self) -> dict[str, Any]:
        """What ``metrics.json`` says of a run whether or not it could be evaluated."""
        history = self.folder.read_history()
        return account(self.options, self.data, self.fed, self.nets, self.module) | {
            "validation": history[-1] if history else None,
            "validation_floor": self.curves_floor,
            "autoencoder": self.artifact.summary if self.artifact else None,
            **({"gate": self.verdict} if self.verdict else {}),
            "parameters": self.parameters,
        }


def _size(network: torch.nn.Module) -> int:
    return sum(weights.numel() for weights in network.parameters())
