"""constant: the same rate over the whole training."""

from typing import Literal

from aeaug.options import Options

__all__ = ["Constant"]


class Constant(Options):
    """``schedule=constant``."""

    name: Literal["constant"]
