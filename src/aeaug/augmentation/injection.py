"""Injections: how synthetic images enter the discriminator's real batches.

``append``: real ∪ synthetic at ratio r, the article's concatenation; the GAN's target becomes (1 − α) p_data + α p_AE
with α = r / (1 + r), a bias of α·TV(p_AE, p_data) in total variation. ``replace``: each real image is swapped, with
probability p, for a synthetic one made from it (the form of adaptive pseudo augmentation, Jiang et al. 2021, with
decoded images). ``none``: the baseline.
"""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from aeaug.options import Number, Options

__all__ = ["Append", "AugmentationOptions", "NoInjection", "Replace"]


class NoInjection(Options):
    """``augmentation=none``."""

    name: Literal["none"]

    def rates(self) -> dict[str, float]:
        """What to hand to ``MNISTDataModule.inject``: nothing, no source is needed."""
        return {}

    def real_share(self) -> Fraction:
        """The share of real images among those shown."""
        return Fraction(1)


class Append(Options):
    """``augmentation=append``: ``ratio`` synthetic images for every real one."""

    name: Literal["append"]
    ratio: Number = Field(gt=0, le=100)

    def rates(self) -> dict[str, float]:
        """What to hand to ``MNISTDataModule.inject``."""
        return {"ratio": self.ratio}

    def real_share(self) -> Fraction:
        """The share of real images among those shown, 1 / (1 + r); r is the decimal number that it reads as."""
        return 1 / (1 + Fraction(repr(float(self.ratio))))

    def least(self, images: int) -> float:
        """The ratio at which one of ``images`` is synthetic, on average; infinite if there is none."""
        return 1 / (images - 1) if images > 1 else float("inf")


class Replace(Options):
    """``augmentation=replace``: each real image is swapped with this ``probability``."""

    name: Literal["replace"]
    probability: Number = Field(gt=0, le=1)

    def rates(self) -> dict[str, float]:
        """What to hand to ``MNISTDataModule.inject``."""
        return {"probability": self.probability}

    def real_share(self) -> Fraction:
        """The share of real images among those shown, on average: 1 − p."""
        return 1 - Fraction(repr(float(self.probability)))

    def least(self, images: int) -> float:
        """The probability at which one of ``images`` is synthetic, on average."""
        return 1 / images


AugmentationOptions = Annotated[NoInjection | Append | Replace, Field(discriminator="name")]
