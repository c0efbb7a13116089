"""The options of the data and of the budget, and their ranges."""

from typing import Literal

from pydantic import Field, model_validator

from aeaug.options import Integer, Options, PathName, Seed

__all__ = ["POOLS", "BudgetOptions", "DataOptions"]

POOLS = {"mnist": 50_000, "mnist_5k": 3_500}  # training images that the sources have


class DataOptions(Options):
    """``conf/data``. ``n_train``: size of the training subset (None: the whole pool), drawn by ``subset_seed``;
    ``balanced``: with its classes in equal numbers, which uses labels."""

    name: Literal["mnist", "mnist_5k"]
    root: PathName
    n_train: Integer | None = Field(ge=10, le=max(POOLS.values()))
    subset_seed: Seed
    balanced: bool

    @model_validator(mode="after")
    def _fits(self) -> "DataOptions":
        pool = POOLS[self.name]
        if self.n_train is not None and self.n_train > pool:
            raise ValueError(f"data.n_train={self.n_train}: must be between 10 (one image a class) and {pool} (all)")
        return self


class BudgetOptions(Options):
    """``conf/budget``: work in images shown to the discriminator, real and synthetic together.

    Arms are compared at equal ``images``; an epoch is ``images_per_epoch`` of them, whatever the subset's size.
    """

    images: Integer = Field(ge=1, le=10_000_000_000)
    images_per_epoch: Integer = Field(ge=1, le=10_000_000)
    batch_size: Integer = Field(ge=1, le=65_536)

    @model_validator(mode="after")
    def _fits(self) -> "BudgetOptions":
        if self.batch_size > self.images_per_epoch:
            raise ValueError(
                f"budget.batch_size={self.batch_size}: must be at most budget.images_per_epoch="
                f"{self.images_per_epoch}, the images an epoch holds"
            )
        if self.images % self.images_per_epoch:
            raise ValueError(
                f"budget.images={self.images}: must be a multiple of budget.images_per_epoch={self.images_per_epoch}"
            )
        return self

    @property
    def epochs(self) -> int:
        """Number of epochs."""
        return self.images // self.images_per_epoch
