"""Whether anybody listens between a backward pass and an optimizer's step.

In manual optimization Lightning asks its hooks around both at every step, some functions deep each. With networks as
small as those of images of 28 by 28 pixels that is a twentieth of a step's time, and it comes to PyTorch's own two
calls where there is one device, no loss is scaled, nothing is profiled, and nobody has such a hook.
"""

import lightning as L
from lightning.pytorch.plugins.precision import MixedPrecision, Precision
from lightning.pytorch.profilers import PassThroughProfiler
from lightning.pytorch.strategies import SingleDeviceStrategy
from lightning.pytorch.utilities.model_helpers import is_overridden

__all__ = ["are_heard"]

OF_CALLBACKS = ("on_before_backward", "on_after_backward", "on_before_optimizer_step")
OF_MODULE = (*OF_CALLBACKS, "backward")


def are_heard(trainer: L.Trainer, module: L.LightningModule) -> bool:
    """Whether ``module.manual_backward(loss)`` and the ``step()`` of an optimizer do more, in ``trainer``, than
    ``loss.backward()`` and that of PyTorch's optimizer within, beside counting the step."""
    strategy = trainer.strategy
    precision = strategy.precision_plugin
    # Of a GPU in 16-mixed the loss is scaled.
    scales = precision.scaler is not None if type(precision) is MixedPrecision else type(precision) is not Precision
    alone = type(strategy) is SingleDeviceStrategy and not scales
    profiled = not isinstance(trainer.profiler, PassThroughProfiler)  # type: ignore[attr-defined]
    listening = any(is_overridden(hook, one) for one in trainer.callbacks for hook in OF_CALLBACKS)  # type: ignore[attr-defined]
    return not alone or profiled or listening or any(is_overridden(hook, module) for hook in OF_MODULE)
