"""The options of the data and of the budget, and their ranges."""

from typing import Literal

from pydantic import Field, model_validator

from aeaug.data.description import DataSet
from aeaug.data.sets import DATA_SETS, DataName
from aeaug.options import Integer, Options, PathName, Seed

__all__ = ["FEWEST", "MOST_IMAGES", "BudgetOptions", "DataOptions"]

MOST_IMAGES = 10_000_000_000  # of a budget

FEWEST = min(one.classes for one in DATA_SETS.values())
"""Images of the smallest subset of any data set."""


class DataOptions(Options):
    """``conf/data``. ``n_train``: size of the training subset (None: the whole pool), drawn by ``subset_seed``;
    ``balanced``: with its classes in equal numbers, which uses labels."""

    name: DataName
    root: PathName
    n_train: Integer | None = Field(ge=FEWEST, le=max(one.pool for one in DATA_SETS.values()))
    subset_seed: Seed
    balanced: bool

    @model_validator(mode="after")
    def _fits(self) -> "DataOptions":
        fewest, pool = self.of.classes, self.of.pool
        if self.n_train is not None and not fewest <= self.n_train <= pool:
            raise ValueError(
                f"data.n_train={self.n_train}: must be between {fewest} (one image a class) and {pool} (all)"
            )
        return self

    @property
    def of(self) -> DataSet:
        """The data set."""
        return DATA_SETS[self.name]

    @property
    def size(self) -> int:
        """Images of the training subset."""
        return self.of.pool if self.n_train is None else self.n_train


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
