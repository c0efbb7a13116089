"""append: real ∪ synthetic at ratio r, the article's concatenation.

The GAN's target becomes (1 − α) p_data + α p_AE with α = r / (1 + r), a bias of α·TV(p_AE, p_data) in total variation.
"""

from fractions import Fraction
from typing import Literal

from pydantic import Field
from typing_extensions import override

from aeaug.augmentation.augmentation import Injection
from aeaug.options import Number

__all__ = ["Append", "Appending"]


class Appending(Injection):
    """``ratio`` synthetic images for every real one."""

    ratio: Number = Field(gt=0, le=100)

    @override
    def rates(self) -> dict[str, float]:
        return {"ratio": self.ratio}

    @override
    def real_share(self) -> Fraction:
        return 1 / (1 + Fraction(repr(float(self.ratio))))  # r is the decimal number that it reads as

    @override
    def least(self, images: int) -> float:
        return 1 / (images - 1) if images > 1 else float("inf")


class Append(Appending):
    """``augmentation=append``."""

    name: Literal["append"]
