"""Injections: how synthetic images enter the discriminator's real batches.

``append``: real ∪ synthetic at ratio r, the article's concatenation; the GAN's target becomes (1 − α) p_data + α p_AE
with α = r / (1 + r), a bias of α·TV(p_AE, p_data) in total variation. ``replace``: each real image is swapped, with
probability p, for a synthetic one made from it (the form of adaptive pseudo augmentation, Jiang et al. 2021, with
decoded images). ``none``: the baseline.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

__all__ = ["Append", "AugmentationOptions", "NoInjection", "Replace"]


class NoInjection(BaseModel):
    """``augmentation=none``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["none"]

    def rates(self) -> dict[str, float]:
        """What to hand to ``MNISTDataModule.inject``: nothing, no source is needed."""
        return {}


class Append(BaseModel):
    """``augmentation=append``: ``ratio`` synthetic images for every real one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["append"]
    ratio: PositiveFloat

    def rates(self) -> dict[str, float]:
        """What to hand to ``MNISTDataModule.inject``."""
        return {"ratio": self.ratio}


class Replace(BaseModel):
    """``augmentation=replace``: each real image is swapped with this ``probability``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["replace"]
    probability: float = Field(gt=0, le=1)

    def rates(self) -> dict[str, float]:
        """What to hand to ``MNISTDataModule.inject``."""
        return {"probability": self.probability}


AugmentationOptions = Annotated[NoInjection | Append | Replace, Field(discriminator="name")]
