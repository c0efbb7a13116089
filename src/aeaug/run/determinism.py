"""``trainer.deterministic=true`` where PyTorch would refuse it amid the training: said before any work.

Which operations have no deterministic gradient on CUDA the documentation of ``torch.use_deterministic_algorithms``
lists. No network, loss or penalty has one of them, and of views those that say so (:mod:`aeaug.gan.views`).
"""

from aeaug.run.options import RunOptions
from aeaug.training.machine import device_type

__all__ = ["require_deterministic"]


def require_deterministic(options: RunOptions, device: str | None = None) -> None:
    """Raise ``ValueError``, a line for each view, where ``options`` ask for what there is not on ``device``, a type of
    PyTorch's (None: that on which this machine would train them)."""
    if options.trainer.deterministic is not True:
        return
    if (device or device_type(options.trainer.accelerator)) != "cuda":
        return
    views = {name: getattr(view, "undetermined", None) for name, view in options.gan.view.chosen().items()}
    if lines := [
        f"trainer.deterministic=true: gan/view=[{name}] has no deterministic gradient on CUDA, for PyTorch's "
        f"{operation} has none; trainer.deterministic=warn trains all the same, trainer=cpu deterministically"
        for name, operation in views.items()
        if operation
    ]:
        raise ValueError("\n".join(lines))
