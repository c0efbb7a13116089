"""none: real images only, the baseline."""

from typing import Literal

from aeaug.augmentation.augmentation import Augmentation

__all__ = ["NoAugmentation"]


class NoAugmentation(Augmentation):
    """``augmentation=none``."""

    name: Literal["none"]
