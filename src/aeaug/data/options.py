"""The options of the data and of the budget, and their ranges."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator
from typing_extensions import override

from aeaug.data.description import DataSet
from aeaug.data.folder.content import DIGITS
from aeaug.data.folder.folder import FOLDER, describe
from aeaug.data.folder.scan import Classes
from aeaug.data.sets import DATA_SETS, DataName
from aeaug.options import Integer, Options, PathName, Seed, looked_up

__all__ = ["FEWEST", "MOST_IMAGES", "BudgetOptions", "DataChoice", "DataOptions", "FolderOptions"]

MOST_IMAGES = 10_000_000_000  # of a budget

FEWEST = min(one.fewest for one in DATA_SETS.values())
"""Images of the smallest subset of any data set."""


class _Subset(Options):
    """``n_train``: size of the training subset (None: the whole pool), drawn by ``subset_seed``; ``balanced``: with its
    classes in equal numbers, which uses labels."""

    name: str
    root: PathName
    n_train: Integer | None
    subset_seed: Seed
    balanced: bool

    @property
    @abstractmethod
    def of(self) -> DataSet:
        """The data set."""

    @property
    def size_of_subset(self) -> int:
        """Images of the training subset."""
        return self.of.pool if self.n_train is None else self.n_train

    def _require_fitting(self) -> None:
        of, n_train = self.of, self.n_train
        if n_train is not None and not of.fewest <= n_train <= of.pool:
            least = "one image a class" if of.classes == of.fewest else "a row of a picture"
            raise ValueError(f"data.n_train={n_train}: must be between {of.fewest} ({least}) and {of.pool} (all)")


class DataOptions(_Subset):
    """``conf/data`` of the data sets of :mod:`aeaug.data.sets`."""

    name: DataName
    n_train: Integer | None = Field(ge=FEWEST, le=max(one.pool for one in DATA_SETS.values()))

    @model_validator(mode="before")
    @classmethod
    def _no_folder(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values.get("name") == FOLDER:
            raise ValueError(
                f"data={FOLDER}: of a folder of images there are runs; this reads data={', '.join(DATA_SETS)}"
            )
        return values

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self._require_fitting()
        return self

    @property
    @override
    def of(self) -> DataSet:
        return DATA_SETS[self.name]


class FolderOptions(_Subset):
    """``conf/data/folder``: the images in the folder ``root`` (:mod:`aeaug.data.folder`).

    ``size``: of a side, in pixels; ``channels``: 1 for grey, 3 for colour, or ``auto`` (None), 1 where every image is
    grey; ``classes``: every folder below ``root`` is one, or ``none``, or ``auto`` (None), folders where all images lie
    in folders; ``balanced``: ``auto`` (None) where there are classes. ``unusable``: what becomes of files that are no
    such images; ``cache``: where decoded images are kept; ``content``: what the images are
    (:func:`aeaug.data.folder.content.content_of`), ``auto`` (None) for whatever lies there.

    Options that were checked have what was ``auto`` as it was found.
    """

    name: Literal["folder"]
    n_train: Integer | None = Field(ge=FEWEST, le=MOST_IMAGES)
    balanced: Annotated[bool | None, looked_up("auto")]  # type: ignore[assignment]  # a bool from then on
    size: Literal[28, 32, 64]
    channels: Annotated[Literal[1, 3] | None, looked_up("auto")]
    classes: Annotated[Classes | None, looked_up("auto")]
    unusable: Literal["refuse", "skip"]
    cache: PathName
    content: Annotated[str | None, looked_up("auto")] = Field(pattern=f"^[0-9a-f]{{{DIGITS}}}$")
    _of: DataSet | None = PrivateAttr(None)

    @field_validator("root", mode="before")
    @classmethod
    def _said(cls, root: Any) -> Any:
        if root is None:
            raise ValueError("data.root=null: say which folder, as in data=folder data.root=photographs")
        return root

    @model_validator(mode="after")
    def _looked_through(self) -> Self:
        """With the description of what lies there, and what was to be found out."""
        skip, cache = self.unusable == "skip", Path(self.cache)
        of, stored = describe(Path(self.root), self.size, self.channels, self.classes, cache, skip=skip)
        if self.content not in (None, stored.content):
            raise ValueError(
                f"data.content={self.content}: the images in data.root={self.root} are others by now, {stored.content}"
            )
        if self.balanced and not of.classes:
            raise ValueError(f"data.balanced=true: the images in data.root={self.root} have no classes")
        found = {"channels": of.shape[0], "classes": stored.classes, "content": stored.content}
        own = self.model_copy(
            update={**found, "balanced": bool(of.classes) if self.balanced is None else self.balanced}
        )
        own._of = of
        own._require_fitting()
        return own

    @property
    @override
    def of(self) -> DataSet:
        assert self._of is not None, "options are checked before they are used"
        return self._of


DataChoice = Annotated[DataOptions | FolderOptions, Field(discriminator="name")]
"""``conf/data``."""


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
