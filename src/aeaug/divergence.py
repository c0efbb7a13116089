"""NaN and Inf end a training: what says so."""

__all__ = ["Diverged"]


class Diverged(RuntimeError):
    """Training has produced NaN or Inf. The run ends as diverged, with its last finite metrics, and is counted."""
