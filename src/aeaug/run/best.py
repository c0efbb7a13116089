"""The averaged generator at its best validation FD, the reading ``best``: what stopping by an oracle would keep.

The oracle looks at the validation slice at every reading, and the generator is the one of the reading with the smallest
FD, of equal ones the first. ``checkpoints/best.ckpt`` holds its averaged weights and nothing else of the training;
``GANModule.load_from_checkpoint`` reads it as it reads any checkpoint.

Which reading it is follows from the validation curve alone. So that the weights are always those, wherever a training
is killed and from whichever of its checkpoints it goes on, a checkpoint holds the best weights until then itself, and
``best.ckpt`` is written anew from it. Only that of the last epoch does without, for a finished run keeps them once:
``best.ckpt`` is written before it, and such a checkpoint is *sealed*: one of another best than its curve's does not
belong to it. Before training goes on from it, it is opened: the weights are put back into it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightning as L

from aeaug.gan import GANModule
from aeaug.training.checkpoint import AtomicCheckpointIO, archive, reason, restore
from aeaug.writing import archived, write_whole

__all__ = ["average_of", "best_entry", "best_of", "module_of", "open_sealed", "settle", "write_best"]

Content = dict[str, Any]


def best_entry(entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The entry of the validation curve with the smallest FD, of equal ones the first; None without any."""
    return min(entries, key=lambda entry: float(entry["frechet_distance"]), default=None)


def average_of(module: GANModule, frechet_distance: float) -> Content:
    """What ``best.ckpt`` holds of ``module`` as it is now: plain types and tensors of its own, on the CPU."""
    content: Content = {
        "state_dict": {f"ema.{key}": one.detach().cpu().clone() for key, one in module.ema.state_dict().items()},
        "hyper_parameters": dict(module.hparams),
        "pytorch-lightning_version": L.__version__,
        "frechet_distance": frechet_distance,
    }
    module.on_save_checkpoint(content)  # where its training stands
    return content


def write_best(path: Path, content: Content) -> None:
    """Write ``best.ckpt``, whole or not at all."""
    AtomicCheckpointIO().save_checkpoint(content, path)


def best_of(state: Mapping[str, Any] | None, file: Path, trial: GANModule) -> Content | None:
    """The best weights of the training whose monitor's ``state`` a checkpoint holds: its own, or where it is sealed
    those in ``file``; None where nothing was measured yet. ``trial`` is overwritten.

    Raises ``ValueError`` where they cannot be loaded into ``trial``, or are not those of the curve's best reading.
    """
    if not isinstance(state, Mapping) or not isinstance(state.get("entries"), list):
        raise ValueError("it has no validation curve")
    entry, within = best_entry(state["entries"]), state.get("best")
    if entry is None:
        return None
    try:
        content: Content = archive(file) if within is None else within
        restore(content, trial)
        of, wanted = content["progress"]["images_seen"], entry["images"]
        if (of, content["frechet_distance"]) != (wanted, entry["frechet_distance"]):
            raise ValueError(f"it is of {of} images, and the best reading is that at {wanted}")
    except Exception as error:  # of whatever foreign bytes make PyTorch raise
        raise ValueError(f"{file.name if within is None else 'the best so far'}: {reason(error)}") from error
    return content


def settle(content: Content | None, file: Path) -> None:
    """Have ``file`` hold ``content``, and not what a training that was killed after its last checkpoint left there."""
    if content is None:
        file.unlink(missing_ok=True)
        return
    whole = archived(content)
    if not file.is_file() or file.read_bytes() != whole:
        write_whole(file, whole)


def open_sealed(checkpoint: Path, state_key: str, best: Content | None) -> None:
    """Have ``checkpoint`` hold ``best`` itself, if it is sealed."""
    content = archive(checkpoint)
    state = content["callbacks"][state_key]
    if best is not None and state["best"] is None:
        content["callbacks"][state_key] = {**state, "best": best}
        AtomicCheckpointIO().save_checkpoint(content, checkpoint)


def module_of(content: Content) -> GANModule:
    """The GAN of what ``best.ckpt`` holds: its averaged generator, for which it is there, and an untrained
    discriminator."""
    module = GANModule(**content["hyper_parameters"])
    restore(content, module)
    return module
