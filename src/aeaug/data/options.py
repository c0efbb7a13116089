"""The options of the data and of the budget, and their ranges."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, PrivateAttr, Tag, model_validator
from typing_extensions import override

from aeaug.data.by_content.decoding import Size
from aeaug.data.by_content.describing import describe
from aeaug.data.by_content.index import DIGITS
from aeaug.data.by_content.source import Source
from aeaug.data.description import DataSet
from aeaug.data.folder.folder import FOLDER, Folder
from aeaug.data.folder.scan import Classes
from aeaug.data.hf.hf import HF, HFRows
from aeaug.data.sets import DATA_SETS, DataName
from aeaug.options import Integer, Options, PathName, Seed, Text, looked_up, shown

__all__ = [
    "FEWEST",
    "MOST_IMAGES",
    "OWN",
    "BudgetOptions",
    "DataChoice",
    "DataOptions",
    "FolderOptions",
    "HFOptions",
]

MOST_IMAGES = 10_000_000_000  # of a budget
CLASSES_NAMED = 10

FEWEST = min(one.fewest for one in DATA_SETS.values())
"""Images of the smallest subset of any data set."""


class _Subset(Options):
    """``n_train``: size of the training subset (None: the whole pool), drawn by ``subset_seed``; ``balanced``: with its
    classes in equal numbers, which uses labels."""

    name: str
    n_train: Integer | None
    subset_seed: Seed
    balanced: bool

    @property
    @abstractmethod
    def of(self) -> DataSet:
        """The data set."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Where its files are, if it has any."""

    @property
    def choice(self) -> str:
        """As ``data=…`` has it."""
        return self.name

    @property
    def there(self) -> str | None:
        """What was found there, in one line; None where it is known what is."""
        return None

    @property
    def size_of_subset(self) -> int:
        """Images of the training subset."""
        return self.of.pool if self.n_train is None else self.n_train

    def at(self, root: str) -> Self:
        """The same, lying in ``root``, if it lies in one."""
        return self.model_copy(update={"root": root}) if "root" in type(self).model_fields else self

    def _require_fitting(self) -> None:
        of, n_train = self.of, self.n_train
        if n_train is not None and not of.fewest <= n_train <= of.pool:
            least = "one image a class" if of.classes == of.fewest else "a row of a picture"
            raise ValueError(f"data.n_train={n_train}: must be between {of.fewest} ({least}) and {of.pool} (all)")


class DataOptions(_Subset):
    """``conf/data`` of the data sets of :mod:`aeaug.data.sets`."""

    name: DataName
    root: PathName
    n_train: Integer | None = Field(ge=FEWEST, le=max(one.pool for one in DATA_SETS.values()))

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self._require_fitting()
        return self

    @property
    @override
    def of(self) -> DataSet:
        return DATA_SETS[self.name]

    @property
    @override
    def place(self) -> str:
        return self.root


class _OwnImages(_Subset):
    """Images of the user's (:mod:`aeaug.data.by_content`).

    ``size``: of a side, in pixels; ``channels``: 1 for grey, 3 for colour, or ``auto`` (None), 1 where every image is
    grey; ``balanced``: ``auto`` (None) where there are classes. ``unusable``: what becomes of what is no such image;
    ``cache``: where decoded images are kept; ``content``: what the images are
    (:func:`aeaug.data.by_content.index.content_of`), ``auto`` (None) for whatever lies there.

    Options that were checked have what was ``auto`` as it was found.
    """

    n_train: Integer | None = Field(ge=FEWEST, le=MOST_IMAGES)
    balanced: Annotated[bool | None, looked_up("auto")]  # type: ignore[assignment]  # a bool from then on
    size: Size
    channels: Annotated[Literal[1, 3] | None, looked_up("auto")]
    unusable: Literal["refuse", "skip"]
    cache: PathName
    content: Annotated[str | None, looked_up("auto")] = Field(pattern=f"^[0-9a-f]{{{DIGITS}}}$")
    _of: DataSet | None = PrivateAttr(None)

    @property
    @abstractmethod
    def source(self) -> Source:
        """Where they are from."""

    @model_validator(mode="after")
    def _looked_through(self) -> Self:
        """With the description of what is there, and what was to be found out."""
        source = self.source
        of, stored = describe(source, self.size, self.channels, Path(self.cache), skip=self.unusable == "skip")
        if self.content not in (None, stored.content):
            raise ValueError(
                f"data.content={self.content}: the images in {source.key} are others by now, {stored.content}"
            )
        if self.balanced and not of.classes:
            raise ValueError(f"data.balanced=true: the images in {source.key} have no classes")
        found = {"channels": of.shape[0], "content": stored.content, **stored.found}
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

    @property
    @override
    def there(self) -> str:
        of, source = self.of, self.source
        telling = f"data.{source.telling}={getattr(self, source.telling)}"
        names = ", ".join(map(shown, of.class_names[:CLASSES_NAMED])) + ", …" * (of.classes > CLASSES_NAMED)
        classes = f"{of.classes} classes ({telling}): {names}" if of.classes else f"no classes ({telling})"
        if self.balanced and self.n_train is not None:  # whose shares are not those of the validation and test images
            classes += ", in the training subset equally many of each (data.balanced=true)"
        colours = "grey" if of.grey else "in colour"
        return (
            f"{source.key}: {of.pool:,} images to train on, {of.validation:,} for validation, {of.test:,} for the "
            f"test; {colours}, {self.size} × {self.size}; {classes}"
        )

    @property
    @override
    def place(self) -> str:
        return self.source.place


def _or_say(words: str) -> BeforeValidator:
    """Refuses null with these ``words``, which say what is wanted."""

    def require(value: Any) -> Any:
        if value is None:
            raise ValueError(words)
        return value

    return BeforeValidator(require)


class FolderOptions(_OwnImages):
    """``conf/data/folder``: the images in the folder ``root`` (:mod:`aeaug.data.folder`). ``classes``: every folder
    below ``root`` is one, or ``none``, or ``auto`` (None), folders where all images lie in folders."""

    name: Literal["folder"]
    root: Annotated[PathName, _or_say("data.root=null: say which folder, as in data=folder data.root=photographs")]
    classes: Annotated[Classes | None, looked_up("auto")]

    @property
    @override
    def source(self) -> Source:
        return Folder(Path(self.root), self.classes)


class HFOptions(_OwnImages):
    """``conf/data/hf``: the images of the Hugging Face data set ``name``, on the hub or here (:mod:`aeaug.data.hf`).

    ``config``: one of its configurations; ``split``: of its own splits; ``image`` and ``label``: its columns, or
    ``auto`` (None) for the one that there is; ``label`` may be ``none``, and is where there is none; ``revision``: of
    the hub.
    """

    kind: Literal["hf"]
    name: Annotated[PathName, _or_say("data.name=null: say which data set, as in data=hf data.name=ylecun/mnist")]
    config: Text | None
    split: Text
    image: Annotated[Text | None, looked_up("auto")]
    label: Annotated[Text | None, looked_up("auto")]
    revision: Text | None

    @property
    @override
    def choice(self) -> str:
        return self.kind

    @property
    @override
    def source(self) -> Source:
        return HFRows(self.name, self.config, self.split, self.image, self.label, self.revision)


OWN = (FOLDER, HF)
"""Choices that are images of the user's."""

_NAMED = "mnist"  # stands for all of DATA_SETS


def _meant(values: Any) -> str | None:
    """Which of the models is meant, by one of the names that tell them apart."""
    if isinstance(values, HFOptions) or (isinstance(values, Mapping) and "kind" in values):
        return HF
    name = values.name if isinstance(values, _Subset) else values.get("name") if isinstance(values, Mapping) else None
    return _NAMED if name in list(DATA_SETS) else FOLDER if name == FOLDER else None


DataChoice = Annotated[
    Annotated[DataOptions, Tag(_NAMED)] | Annotated[FolderOptions, Tag(FOLDER)] | Annotated[HFOptions, Tag(HF)],
    Discriminator(
        _meant,
        custom_error_type="union_tag_invalid",
        custom_error_context={"discriminator": "name", "tag": "", "expected_tags": ", ".join((*DATA_SETS, FOLDER))},
    ),
]
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
