"""replace: each real image is swapped, with probability p, for a synthetic one made from it.

The form of adaptive pseudo augmentation (Jiang et al. 2021, arXiv:2111.06849), with decoded images.
"""

from fractions import Fraction
from typing import Literal

from pydantic import Field
from typing_extensions import override

from aeaug.augmentation.augmentation import Injection
from aeaug.options import Number

__all__ = ["Replace", "Replacing"]


class Replacing(Injection):
    """Each real image is swapped with this ``probability``."""

    probability: Number = Field(gt=0, le=1)

    @override
    def rates(self) -> dict[str, float]:
        return {"probability": self.probability}

    @override
    def real_share(self) -> Fraction:
        return 1 - Fraction(repr(float(self.probability)))

    @override
    def least(self, images: int) -> float:
        return 1 / images


class Replace(Replacing):
    """``augmentation=replace``."""

    name: Literal["replace"]
