"""NaN and Inf end a training: what looks for them, and what says so."""

from torch import nn

__all__ = ["Diverged", "require_finite"]


class Diverged(RuntimeError):
    """Training has produced NaN or Inf. The run ends as diverged, with its last finite metrics, and is counted."""


def require_finite(network: nn.Module, what: str) -> None:
    """Raise :class:`Diverged`, saying ``what``, if a weight of ``network`` is not finite."""
    if not all(bool(weights.isfinite().all()) for weights in network.parameters()):
        raise Diverged(what)
