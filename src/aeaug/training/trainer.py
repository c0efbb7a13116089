"""Lightning's Trainer as every stage here uses it: atomic checkpoints, our own progress bar, no sanity run."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.profilers import AdvancedProfiler, Profiler, PyTorchProfiler, SimpleProfiler

from aeaug.training.bar import TrainingBar
from aeaug.training.checkpoint import AtomicCheckpointIO

__all__ = ["build_trainer", "profiler_into"]

PROFILERS: dict[str, type[Profiler]] = {
    "simple": SimpleProfiler,
    "advanced": AdvancedProfiler,
    "pytorch": PyTorchProfiler,
}


def profiler_into(folder: Path, name: str) -> Profiler:
    """Lightning's profiler of this name, one of :data:`PROFILERS`, which writes ``profile*`` into ``folder``."""
    return PROFILERS[name](dirpath=folder, filename="profile")


def build_trainer(
    stage: str,
    *,
    progress: bool,
    callbacks: list[Callback],
    shown: Mapping[str, float] | None = None,
    **options: Any,
) -> L.Trainer:
    """Return a Trainer whose bar, if ``progress`` asks for one, is called ``stage`` and shows ``shown``; ``options``
    are Lightning's."""
    if not torch.cuda.is_available():
        # Importing Lightning sets this, and then Adam, in a PyTorch built for CUDA, looks for the driver's library at
        # every step. Without a GPU, CUDA's own answer is the same and cheap.
        os.environ.pop("PYTORCH_NVML_BASED_CUDA_CHECK", None)
    trainer = L.Trainer(
        callbacks=[*callbacks, TrainingBar(stage, shown)] if progress else callbacks,
        plugins=[AtomicCheckpointIO()],
        enable_progress_bar=False,
        num_sanity_val_steps=0,
        **{"enable_model_summary": False, **options},
    )
    # Signals are the run's (aeaug.run.interruption), or of what started it: Lightning, on SIGTERM, would end after the
    # next batch a job that Slurm is about to put back into its queue, and on SIGUSR1 keep a checkpoint of its own.
    trainer._signal_connector.register_signal_handlers = lambda: None  # type: ignore[method-assign]
    return trainer
