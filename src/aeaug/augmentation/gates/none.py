"""none: whatever the autoencoder is worth, what it makes enters."""

from typing import Literal

from aeaug.options import Options

__all__ = ["NoGate"]


class NoGate(Options):
    """``gate=none``."""

    name: Literal["none"]
