"""What a run goes on from: its newest sound checkpoint, with everything beside it as it was at that moment."""

import logging
from pathlib import Path
from typing import NamedTuple

import torch

from aeaug.gan import GANModule
from aeaug.run.best import Content, best_of, open_sealed, settle
from aeaug.run.folder.folder import RunFolder
from aeaug.run.monitor import STATE_KEY
from aeaug.run.options import RunOptions
from aeaug.training.checkpoint import Newest, newest_checkpoint
from aeaug.training.tensorboard import forget_hparams

__all__ = ["Start", "gone_back", "newest", "untrained"]

log = logging.getLogger(__name__)


class Start(NamedTuple):
    """The ``checkpoint`` that training goes on from, the ``images`` shown by then, and the ``best`` generator so far
    (:mod:`aeaug.run.best`); where it begins anew None, 0 and None."""

    checkpoint: Path | None = None
    images: int = 0
    best: Content | None = None


def untrained(options: RunOptions) -> GANModule:
    """The run's GAN as its training begins."""
    return GANModule(**options.gan.model_dump(exclude={"name"}), seed=options.seed, shape=options.data.of.shape)


def newest(folder: RunFolder, options: RunOptions) -> Newest | None:
    """The checkpoint to go on from, on every process of a training the same; None where there is none.

    Raises :class:`aeaug.faults.Fault` where none can be read.
    """
    trial = untrained(options)
    return newest_checkpoint(
        folder.checkpoint,
        folder.previous_checkpoint,
        trial,
        lambda checkpoint: best_of(checkpoint["callbacks"].get(STATE_KEY), folder.best, trial),
    )


def gone_back(folder: RunFolder, options: RunOptions, found: Newest | None) -> Start:
    """Have the run's files as they were at the checkpoint that was ``found``: the validation curve, ``best.ckpt``, and
    where training goes on the checkpoint itself, which may rely on that."""
    if found is None:
        folder.go_back(0)
        settle(None, folder.best)
        return Start()
    if found.remark:
        log.warning(found.remark)
    state = torch.load(found.path, map_location="cpu", weights_only=True)
    best = best_of(state["callbacks"][STATE_KEY], folder.best, untrained(options))
    settle(best, folder.best)
    if (again := newest(folder, options)) is not None and again.path != found.path:
        return gone_back(folder, options, again)  # what the last one relies on is there again
    images: int = state["progress"]["images_seen"]
    if images < options.images_shown:
        open_sealed(found.path, STATE_KEY, best)
        forget_hparams(folder.path)
    folder.go_back(images, state["callbacks"][STATE_KEY]["entries"])
    return Start(found.path, images, best)
