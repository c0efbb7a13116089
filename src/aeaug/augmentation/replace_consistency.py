"""replace_consistency: replace, and consistency beside it.

What the datamodule hands out is that of :mod:`aeaug.augmentation.replace`, each real image swapped with probability p;
in the GAN's step, every image of it and every generated one is to have the logit of what T makes of it, the term of
:mod:`aeaug.augmentation.consistency`. A schedule is of both, rate and weight.
"""

from typing import Literal

from aeaug.augmentation.consistency import Consistent
from aeaug.augmentation.replace import Replacing

__all__ = ["ReplaceConsistency"]


class ReplaceConsistency(Replacing, Consistent):
    """``augmentation=replace_consistency``."""

    name: Literal["replace_consistency"]
