"""A run in TensorBoard: the logger, the custom-scalars layout, pictures, and the HPARAMS tab."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor
from torchvision.utils import make_grid

__all__ = ["LAYOUT", "image_rows", "log_hparams", "run_logger"]

LAYOUT = {
    "Training": {
        "losses": ["Multiline", ["loss/.*"]],
        "what the discriminator says (logits)": ["Multiline", ["discriminator/.*"]],
    },
    "Validation": {
        "Fréchet distance": ["Multiline", ["validation/frechet_distance"]],
        "precision and recall": ["Multiline", ["validation/precision", "validation/recall"]],
        "density and coverage": ["Multiline", ["validation/density", "validation/coverage"]],
        "class histogram's KL to uniform": ["Multiline", ["validation/class_kl"]],
    },
}


def run_logger(folder: Path, resume_at: int | None) -> TensorBoardLogger:
    """A logger into ``<folder>/tensorboard``. Steps are images shown; a run resumed at ``resume_at`` images replaces
    what was logged beyond."""
    purge: dict[str, Any] = {} if resume_at is None else {"purge_step": resume_at + 1}
    logger = TensorBoardLogger(folder, name="", version="tensorboard", default_hp_metric=False, **purge)
    logger.experiment.add_custom_scalars(LAYOUT)
    return logger


def image_rows(rows: Sequence[Tensor]) -> Tensor:
    """Arrange equally long rows of images ``(N, 1, 28, 28)`` in [-1, 1] under each other: ``(3, H, W)`` in [0, 1]."""
    images = [(row.cpu() + 1) / 2 for row in rows]
    lines = [make_grid(image, nrow=len(image), padding=1, pad_value=0.5) for image in images]
    return torch.cat(lines, dim=1)


def log_hparams(logger: TensorBoardLogger, options: dict[str, Any], metrics: dict[str, float]) -> None:
    """Write the run's options and final metrics for the HPARAMS tab; once a run."""
    logger.log_hyperparams(_flat(options), metrics)
    logger.save()


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        elif key not in ("outputs", "root", "resume", "progress", "question"):
            flat[f"{prefix}{key}"] = "none" if value is None else value
    return flat
