"""append_consistency: append, and consistency beside it.

What the datamodule hands out is that of :mod:`aeaug.augmentation.append`, real ∪ synthetic at ratio r; in the GAN's
step, every image of it and every generated one is to have the logit of what T makes of it, the term of
:mod:`aeaug.augmentation.consistency`. A schedule is of both, rate and weight.
"""

from typing import Literal

from aeaug.augmentation.append import Appending
from aeaug.augmentation.consistency import Consistent

__all__ = ["AppendConsistency"]


class AppendConsistency(Appending, Consistent):
    """``augmentation=append_consistency``."""

    name: Literal["append_consistency"]
