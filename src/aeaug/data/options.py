"""The options of the data and of the budget, and their ranges."""

from typing import Literal

from pydantic import Field, model_validator

from aeaug.options import Integer, Options, PathName, Seed

__all__ = ["MOST_IMAGES", "POOLS", "BudgetOptions", "DataOptions"]

MOST_IMAGES = 10_000_000_000  # of a budget

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
    """``conf/budget``: work in images shown to the discriminator.

    Arms are compared at equal ``images``: with ``match`` shown, real and synthetic ones together; with ``match`` real,
    so many *real* ones, beside which an injection shows its synthetic ones. An epoch is ``images_per_epoch`` images
    shown, whatever the subset's size. ``extend``: go on to so many ``images``, in the folder of the run of ``images``,
    with which it has everything else in common; None: do not.
    """

    images: Integer = Field(ge=1, le=MOST_IMAGES)
    extend: Integer | None = Field(ge=1, le=MOST_IMAGES)
    match: Literal["shown", "real"]
    images_per_epoch: Integer = Field(ge=1, le=10_000_000)
    batch_size: Integer = Field(ge=1, le=65_536)

    @model_validator(mode="after")
    def _fits(self) -> "BudgetOptions":
        if self.batch_size > self.images_per_epoch:
            raise ValueError(
                f"budget.batch_size={self.batch_size}: must be at most budget.images_per_epoch="
                f"{self.images_per_epoch}, the images an epoch holds"
            )
        for key, images in (("images", self.images), ("extend", self.extend)):
            if images is not None and images % self.images_per_epoch:
                raise ValueError(
                    f"budget.{key}={images}: must be a multiple of budget.images_per_epoch={self.images_per_epoch}"
                )
        if self.extend is not None and self.extend < self.images:
            raise ValueError(f"budget.extend={self.extend}: must be at least budget.images={self.images}")
        return self
