"""What a data set is to the rest: from it networks, checks, pictures and metrics take their sizes and words."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aeaug.data.idx import IDXSource
from aeaug.data.images import Shape
from aeaug.data.splits import Splits

__all__ = ["A_ROW", "SMALLEST", "DataSet"]

SMALLEST = 11
"""Pixels a side of the smallest images that the small classifier's convolutions take (:mod:`aeaug.classifier`)."""
A_ROW = 10
"""Images side by side in a picture of a run."""


@dataclass(frozen=True)
class DataSet:
    """A data set, of square images of one ``shape``, grey or in colour, each of one class, or without classes.

    Args:
        name: as ``data=…`` has it, or ``data.name``, where that is another.
        title: as sentences have it.
        shape: (C, H, W) of an image.
        class_names: the words for labels 0, 1, …; empty where there are no classes, and all labels are 0.
        objects: what images show, in the plural, in words.
        mean_intensity: of the training images' pixels, in [0, 1].
        pool: training images there are, of which subsets are drawn.
        validation: images of the validation slice.
        test: images of the test set.
        feature_nets: the name of the data set on whose images the nets were trained that measure this one
            (:mod:`aeaug.evaluation.features`). They know its classes, and none of its test images, its validation
            slice, or the first ``pool_unseen`` images of its pool. None: none was, and an untrained net measures it,
            which knows no classes.
        files: where its files are below ``data.root``; None where it has no such files.
        load: from ``data.root`` to the splits. Raises ``ValueError`` for files that cannot be used.
        channels_of: the grey data set whose images are the channels, each by itself of one of its K classes; a class
            here is a combination of theirs, of channels a, b, c the number (a K + b) K + c. The feature nets are that
            data set's, and are shown channel by channel. None: channels belong together.
        folder: ``data.root`` itself, where that holds its images, whatever they are (:mod:`aeaug.data.by_content`).
    """

    name: str
    title: str
    shape: Shape
    class_names: tuple[str, ...]
    objects: str
    mean_intensity: float
    pool: int
    validation: int
    test: int
    feature_nets: str | None
    files: IDXSource | None
    load: Callable[[Path], Splits]
    channels_of: "DataSet | None" = None
    folder: Path | None = None

    def __post_init__(self) -> None:
        channels, height, width = self.shape
        assert channels in (1, 3), "pictures are grey, or of red, green and blue"
        assert height == width, "views shift, turn and cut by shares of one side"
        assert height >= SMALLEST, "a smaller image is less than the small classifier's convolutions take"
        if of := self.channels_of:
            assert (1, *self.shape[1:]) == of.shape, "channels are images of the data set that they are of"
            assert self.classes == of.classes**channels, "classes are combinations of the channels'"
        assert self.class_names or not self.feature_nets, "pinned feature nets tell classes apart"

    @property
    def classes(self) -> int:
        """How many there are; 0 where there are none."""
        return len(self.class_names)

    @property
    def fewest(self) -> int:
        """The fewest images of a subset: one of each class, and a row of a picture."""
        return max(self.classes, A_ROW)

    @property
    def has_files(self) -> bool:
        """Whether ``data.root`` matters."""
        return self.files is not None or self.folder is not None

    @property
    def grey(self) -> bool:
        """Whether its images are stored ``(N, H, W)``; those in colour are ``(N, C, H, W)``."""
        return self.shape[0] == 1

    @property
    def pixels(self) -> int:
        """Numbers in an image."""
        channels, height, width = self.shape
        return channels * height * width
