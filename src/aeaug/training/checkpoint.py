"""Checkpoints that a kill cannot damage and that cannot run code.

A checkpoint is written beside its target, flushed to disk and renamed over it. The one before is kept under another
name, and the target is renamed to that first: at every moment one of the two names holds a whole file. It is loaded
with ``weights_only``, which admits tensors and plain types alone, after every checksum in it was compared.
"""

import os
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L
import torch
from lightning.fabric.plugins.io.checkpoint_io import CheckpointIO
from typing_extensions import override

from aeaug.faults import Fault, in_few_words, one_line, reading
from aeaug.writing import archived, write_whole

__all__ = [
    "AtomicCheckpointIO",
    "EpochCheckpoint",
    "Newest",
    "archive",
    "newest_checkpoint",
    "read_archive",
    "read_checkpoint",
    "reason",
    "restore",
    "within_epoch",
]

# What Lightning resumes from, and what a module of ours adds to it.
PARTS = {
    "state_dict": Mapping,
    "optimizer_states": list,
    "lr_schedulers": list,
    "loops": Mapping,
    "callbacks": Mapping,
    "epoch": int,
    "global_step": int,
    "pytorch-lightning_version": str,
    "hyper_parameters": Mapping,
    "progress": Mapping,
}
LOOP = ("state_dict", "epoch_progress", "epoch_loop.state_dict", "epoch_loop.batch_progress")


class AtomicCheckpointIO(CheckpointIO):
    """Lightning's plug-in point for how checkpoints reach the disk."""

    @override
    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None) -> None:
        """Write ``checkpoint`` to ``path`` atomically; ``storage_options["keep"]``: where the one before goes, if there
        is such an option."""
        whole = archived(checkpoint)
        write_whole(Path(path), whole, (storage_options or {}).get("keep"))

    @override
    def load_checkpoint(
        self, path: str | Path, map_location: Any | None = None, weights_only: bool | None = True
    ) -> dict[str, Any]:
        """Load ``path``; tensors go to the CPU unless ``map_location`` says otherwise. Never unpickles code."""
        loaded: dict[str, Any] = torch.load(path, map_location=map_location or "cpu", weights_only=True)
        return loaded

    @override
    def remove_checkpoint(self, path: str | Path) -> None:
        """Delete ``path`` if it is there."""
        Path(path).unlink(missing_ok=True)


class EpochCheckpoint(L.Callback):
    """Keep the state at the end of the last epoch in ``path``, and that of the epoch before in ``previous``, if given.

    Epochs are short and every draw depends on its position, so this is all that a resumed run needs. ``saved`` is told
    the module after every write. ``begun_with``: the file that this training went on from.
    """

    def __init__(
        self,
        path: Path,
        saved: Callable[[L.LightningModule], object],
        previous: Path | None = None,
        begun_with: Path | None = None,
    ) -> None:
        self.path, self.saved, self.previous = path, saved, previous
        # What could not be read must not replace what could.
        self._sound = begun_with is None or begun_with == path

    @override
    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        keep = {"keep": self.previous} if self.previous is not None and self._sound else None
        trainer.save_checkpoint(self.path, weights_only=False, storage_options=keep)  # with optimizers and loops
        self._sound = True
        self.saved(pl_module)


class Newest(NamedTuple):
    """The ``path`` of a checkpoint to go on from; ``remark``: why it is not the last one, if it is not."""

    path: Path
    remark: str | None


def newest_checkpoint(
    last: Path,
    previous: Path,
    module: L.LightningModule,
    check: Callable[[Mapping[str, Any]], object] = lambda checkpoint: None,
) -> Newest | None:
    """``last``, or if that cannot be restored into ``module``, ``previous``; None where there is neither.

    It depends on what the files hold alone, so that every process of a training chooses the same. ``check`` raises for
    what else a training cannot go on from. ``module`` is overwritten. Raises :class:`Fault` where no file will do.
    """
    wrong = []
    for path in (last, previous):
        try:
            if not os.path.lexists(path):
                raise ValueError("it is missing")
            checkpoint = _complete(archive(path))
            restore(checkpoint, module)
            _restore_optimizers(checkpoint["optimizer_states"], module)
            check(checkpoint)
        except Exception as error:  # of whatever foreign bytes make PyTorch raise
            wrong.append(f"{path} is not readable ({reason(error)})")
            continue
        seen = checkpoint["progress"]["images_seen"]
        return Newest(path, f"{wrong[0]}: going on from {seen} images, with {path.name}" if wrong else None)
    if not os.path.lexists(last) and not os.path.lexists(previous):
        return None
    raise Fault(f"{', '.join(wrong)}: delete the folder {last.parent} and repeat the command")


def read_archive(path: Path, remedy: str) -> dict[str, Any]:
    """The dictionary that ``torch.save`` wrote into ``path``, on the CPU.

    Raises :class:`Fault`, which ends in ``remedy``, for what is damaged, of another kind, or would run code.
    """
    with reading(path, remedy):
        try:
            return archive(path)
        except Exception as error:
            raise ValueError(reason(error)) from error


def read_checkpoint(path: Path, remedy: str) -> dict[str, Any]:
    """The same for a checkpoint of a training, with all that one has."""
    content = read_archive(path, remedy)
    with reading(path, remedy):
        return _complete(content)


def restore(checkpoint: Mapping[str, Any], module: L.LightningModule) -> None:
    """Load what :func:`read_checkpoint` returned into ``module``, with where its training stood.

    Raises ``ValueError`` or ``RuntimeError`` for one of another network, or of other settings.
    """
    for key, value in checkpoint["hyper_parameters"].items():
        if key in module.hparams and module.hparams[key] != value:
            raise ValueError(f"it is of another training: {key}={one_line(value, 40)}, not {module.hparams[key]}")
    content = dict(checkpoint)
    module.on_load_checkpoint(content)  # which may complete the weights
    module.load_state_dict(content["state_dict"])


def within_epoch(checkpoint: Mapping[str, Any]) -> bool:
    """Whether a ``checkpoint`` of Lightning's was written between two batches of an epoch."""
    loop = (checkpoint.get("loops") or {}).get("fit_loop")
    if not loop:
        return False
    epochs, batches = loop["epoch_progress"]["total"], loop["epoch_loop.batch_progress"]
    return bool(epochs["processed"] < epochs["started"] and not batches["is_last_batch"])


def archive(path: Path) -> dict[str, Any]:
    """The dictionary that ``torch.save`` wrote into ``path``, on the CPU. Raises ``ValueError``, or whatever PyTorch
    makes of foreign bytes, for anything else."""
    if not os.path.lexists(path):
        raise ValueError("it is missing")
    if not path.is_file():
        raise ValueError("it is no file")
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        # PyTorch packs nothing, so that nothing read is larger than the file.
        packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
        if packed or sum(member.file_size for member in members) > path.stat().st_size:
            raise ValueError("it is no checkpoint")
        if (member := archive.testzip()) is not None:
            raise ValueError(f"checksum of {member}")
    content: object = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(content, dict):
        raise ValueError(f"it holds {type(content).__name__}, not a checkpoint")
    return content


def _complete(content: dict[str, Any]) -> dict[str, Any]:
    for key, kind in PARTS.items():
        if not isinstance(content.get(key), kind):
            raise ValueError(f"it has no {key}")
    fit = content["loops"].get("fit_loop")
    if not isinstance(fit, Mapping) or not all(isinstance(fit.get(key), Mapping) for key in LOOP):
        raise ValueError("it has no loops.fit_loop")
    for key in ("steps", "images_seen", "images_discriminated"):
        if type(content["progress"].get(key)) is not int or content["progress"][key] < 0:
            raise ValueError(f"it has no progress.{key}")
    return content


def _restore_optimizers(states: list[Any], module: L.LightningModule) -> None:
    optimizers: Any = module.configure_optimizers()
    for optimizer, state in zip(optimizers, states, strict=True):
        optimizer.load_state_dict(state)
        for weights, moments in optimizer.state.items():
            if any(moment.shape not in ((), weights.shape) for moment in moments.values()):
                raise ValueError("an optimizer's state is of another network")


def reason(error: Exception) -> str:
    """Why a checkpoint cannot be read, in one line, by what a reader of it has raised."""
    if isinstance(error, pickle.UnpicklingError):  # PyTorch would advise to load it all the same
        return "it holds more than tensors and plain types"
    return in_few_words(error, 120)
