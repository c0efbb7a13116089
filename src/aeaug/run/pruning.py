"""How somebody who watches a run's validation curve ends it before its end."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Pruned", "Watch"]

Watch = Callable[[Mapping[str, Any]], None]
"""Is called with every new entry of the validation curve, after it was written; may raise :class:`Pruned`."""


class Pruned(Exception):
    """The curve is not worth going on with: the run ends as ``pruned``, and can be gone on with like one that was
    interrupted."""
